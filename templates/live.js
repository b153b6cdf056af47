// Keeps an open page up to date. Pages work without it. Its texts, `t`, and the page's `zone` are
// added before it.

const every_ms = 30_000;
const slowest_ms = 300_000;
// The front page changes at least once a day, even when nothing happens.
const old_ms = 26 * 3_600_000;

const line = document.getElementById("fresh");
const said = document.getElementById("said");
const language = document.documentElement.lang;

let seen = null;
let checked = Date.now();
let wait_ms = every_ms;
let trouble = null;
let timer = 0;

const fill = (text, words) => text.replace(/\{(\w+)\}/g, (braces, name) => words[name] ?? braces);

// The visitor's own times, if they differ from the page's, and broken promises.
function addTimes() {
  for (const time of document.querySelectorAll("time")) {
    const at = new Date(time.dateTime);
    const style = { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    const own = at.toLocaleString(language, style);
    if (own === at.toLocaleString(language, { ...style, timeZone: zone })) continue;
    time.title = fill(t.your_time, { time: own });
  }
  for (const time of document.querySelectorAll(".next time, .since time")) {
    const near = time.closest(".due, .since") && relative(new Date(time.dateTime));
    const words = [near, time.title].filter(Boolean).join(", ");
    if (!words) continue;
    let own = time.nextElementSibling;
    if (!own?.matches(".own")) time.after((own = added("small", "", "own")));
    if (own.textContent !== ` (${words})`) own.textContent = ` (${words})`;
  }
  for (const promise of document.querySelectorAll(".due")) {
    const late = new Date(promise.querySelector("time").dateTime) <= Date.now();
    if (late && !promise.querySelector("strong")) {
      promise.append(" ", added("strong", t.overdue, "late"));
    }
  }
}

// "23 min. ago", "in 2 hr."
function relative(at) {
  const minutes = Math.trunc((at - Date.now()) / 60_000);
  const units = [[1440, "day"], [60, "hour"], [1, "minute"]];
  const [length, unit] = units.find(([length]) => Math.abs(minutes) >= length) ?? units[2];
  const format = new Intl.RelativeTimeFormat(language, { style: "short", numeric: "auto" });
  return format.format(Math.trunc(minutes / length), unit);
}

function added(tag, text, name) {
  const element = document.createElement(tag);
  element.className = name;
  element.textContent = text;
  return element;
}

// Updates an element from the new page. Unchanged parts keep their element and its focus, opened
// parts stay open, and parts that this script maintains are not touched.
function renew(old, fresh) {
  if (old === line) {
    Object.assign(line.dataset, fresh.dataset);
    return;
  }
  for (const { name } of [...old.attributes]) {
    if (name !== "open" && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  let place = old.firstChild;
  const drop = () => {
    const gone = place;
    place = place.nextSibling;
    gone.remove();
  };
  const here = (id) => [...old.children].find((child) => child.id === id);
  const there = (id) => [...fresh.children].some((child) => child.id === id);
  for (const child of fresh.childNodes) {
    while (place?.id ? !there(place.id) : place?.matches?.(".own, .late")) drop();
    const same = child.id ? here(child.id) : isLike(place, child) && place;
    if (!same) {
      old.insertBefore(document.importNode(child, true), place);
      continue;
    }
    if (same === place) place = place.nextSibling;
    else old.insertBefore(same, place);
    if (same.nodeType === Node.ELEMENT_NODE) renew(same, child);
    else if (same.data !== child.data) same.data = child.data;
  }
  while (place) drop();
}

function isLike(place, child) {
  return place && place.nodeName === child.nodeName && !place.id;
}

function show(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const edition = (page) => page.querySelector("meta[name=edition]");
  // Any other response is not this page.
  if (!edition(fresh) || !fresh.getElementById("fresh")) throw new Error("not a status page");
  if (edition(fresh).content !== edition(document).content) {
    edition(document).content = edition(fresh).content;
    for (const part of ["now", "main", "foot"]) {
      renew(document.getElementById(part), fresh.getElementById(part));
    }
    document.title = fresh.title;
    const icon = "link[rel=icon]";
    document.querySelector(icon).href = fresh.querySelector(icon).href;
    said.textContent = fill(t.changed, { words: fresh.querySelector("h1").textContent });
  }
  addTimes();
}

async function check() {
  clearTimeout(timer);
  try {
    // The browser sends its version; the response is short if that is current.
    const answer = await fetch(location.pathname, {
      cache: "no-cache",
      signal: AbortSignal.timeout(20_000),
    });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const version = answer.headers.get("etag") ?? "";
    const html = await answer.text();
    if (trouble) said.textContent = "";
    if (!version || version !== seen) show(html);
    seen = version;
    checked = Date.now();
    wait_ms = every_ms;
    trouble = null;
  } catch {
    wait_ms = Math.min(2 * wait_ms, slowest_ms);
    trouble = navigator.onLine ? "stale" : "offline";
    const words = fill(t[trouble], { time: line.dataset.at });
    if (said.textContent !== words) said.textContent = words;
  }
  tell();
  plan();
}

function plan() {
  clearTimeout(timer);
  if (document.visibilityState === "visible") timer = setTimeout(check, wait_ms);
}

// The age of the page; visible, but never announced to screen readers.
function tell() {
  const seconds = Math.round((Date.now() - checked) / 1000) || 1;
  const units = seconds < 60 ? [seconds, "second"] : [Math.floor(seconds / 60), "minute"];
  const ago = new Intl.RelativeTimeFormat(language).format(-units[0], units[1]);
  const old = Date.now() - new Date(line.dataset.since) > old_ms;
  const state = trouble ?? (old ? "stale" : "checked");
  const words = fill(t[state], { ago, time: line.dataset.at });
  if (line.textContent !== words) line.textContent = words;
  line.classList.toggle("trouble", state !== "checked");
}

addTimes();
if (line) {
  addEventListener("online", check);
  addEventListener("offline", check);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && Date.now() - checked > 5_000) check();
    else plan();
  });
  setInterval(() => {
    tell();
    addTimes();
  }, 10_000);
  tell();
  plan();
}
