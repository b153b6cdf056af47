// Keeps a page open while the site changes, and prints the problems as JSON, a sentence each.
// Usage: node live.mjs CHROMIUM BEFORE AFTER: two folders, of which the second has more content.

import { disturbed, mark, marked, words } from "./followed.mjs";
import { browse, serve } from "./site.mjs";

const [executablePath, before, after] = process.argv.slice(2);
const wrong = [];
const check = (holds, what) => {
  if (!holds) wrong.push(what);
};

const browser = await browse(executablePath);
await changes("/");
await changes("/incidents/1/");
await staysSilent();
await losesTheNetwork();
await visitorElsewhere();
await growsOld();
console.log(JSON.stringify(wrong));
await browser.close();

// Waits for a request that something causes: at least one.
async function asks(because, site) {
  const before = site.asked.length;
  await because();
  while (site.asked.length === before) await new Promise((ready) => setTimeout(ready, 20));
  return site.asked.slice(before);
}

// A page at a time that the test sets.
async function visit(path, options, now = "2026-11-21T10:00:00Z") {
  const site = await serve(before);
  const context = await browser.newContext({
    locale: "en-US",
    timezoneId: "Europe/Berlin",
    ...options,
  });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.clock.install({ time: new Date(now) });
  await page.goto(site.url + path, { waitUntil: "load" });
  const pass = async (seconds) => {
    const wanted = site.asked.length;
    await page.clock.runFor(1000 * seconds);
    return site.asked.slice(wanted);
  };
  const end = async () => {
    await context.close();
    site.close();
  };
  return { site, context, page, complaints, pass, end };
}

// New content appears, is announced, and disturbs nobody.
async function changes(path) {
  const { site, page, complaints, pass, end } = await visit(path);
  const said = page.locator("[role=status]");
  check((await said.textContent()) === "", `${path}: something is announced at the start`);
  await page.evaluate(mark);

  const [first] = await asks(() => pass(31), site);
  check(first.path === path && first.status === 304, `${path}: ${JSON.stringify(first)}`);
  check((await said.textContent()) === "", `${path}: nothing changed, and it is announced`);

  site.folder = after;
  await pass(31);
  await page.getByText("The second update").first().waitFor();
  for (const what of disturbed(await page.evaluate(marked))) wrong.push(`${path}: ${what}`);

  // The same as after a new load.
  const patched = await page.evaluate(words);
  await page.goto(site.url + path, { waitUntil: "load" });
  const loaded = await page.evaluate(words);
  check(patched === loaded, `${path}: patched\n${patched}\nis not\n${loaded}`);
  check(complaints.length === 0, `${path}: ${complaints}`);
  await end();
}

// A hidden page sends no requests, and sends one at once when it becomes visible.
async function staysSilent() {
  const { site, page, pass, end } = await visit("/");
  const show = (state) =>
    page.evaluate((state) => {
      Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, state);
  await show("hidden");
  check((await pass(600)).length === 0, "a hidden page asks");
  await asks(() => show("visible"), site);
  await end();
}

// Without an answer the page says so, retries at growing intervals, and recovers.
async function losesTheNetwork() {
  const { site, context, page, pass, end } = await visit("/");
  await context.setOffline(true);
  const fresh = page.locator("#fresh");
  await fresh.filter({ hasText: "No connection. This page is as of" }).waitFor();
  check((await fresh.getAttribute("class")) === "trouble", "being offline does not stand out");
  const said = await page.locator("[role=status]").textContent();
  check(/^No connection/.test(said), `announced is ${said}`);
  await context.setOffline(false);
  await fresh.filter({ hasText: "Checked" }).waitFor();
  check((await fresh.getAttribute("class")) === "", "being online again does not show");
  check((await page.locator("[role=status]").textContent()) === "", "it still says offline");

  // The server answers with different content: a captive portal, or a failure.
  let tries = 0;
  await page.route(`${site.url}/`, (route) => {
    tries += 1;
    return route.fulfill({ status: tries % 2 ? 503 : 200, body: "<h1>Sign in to the hotel</h1>" });
  });
  await pass(31);
  await fresh.filter({ hasText: "may be out of date" }).waitFor();
  for (let minute = 0; minute < 20; minute += 1) {
    await pass(60);
    // The page's clock differs from its server's.
    await new Promise((ready) => setTimeout(ready, 20));
  }
  check(tries > 3 && tries < 9, `asked ${tries} times in 20 minutes without an answer`);
  check((await page.getByText("hotel").count()) === 0, "a stranger's page was shown");
  await page.unroute(`${site.url}/`);
  await end();
}

// A visitor in a different zone also sees local times; a promise is broken by the visitor's clock.
async function visitorElsewhere() {
  const { page, pass, end } = await visit("/", { timezoneId: "America/New_York" });
  const next = page.locator(".due").first();
  check(/CET \(in \d+ hr\., Nov 21, .*your time\)/.test(await next.textContent()), await next.textContent());
  const title = await page.locator("li time").first().getAttribute("title");
  check(/your time/.test(title), `the title of a time is ${title}`);
  check(!/Overdue/.test(await next.textContent()), "overdue too soon");
  await pass(3 * 3600);
  check(/Overdue/.test(await next.textContent()), "a broken promise is not told");
  await end();
}

// A page that is no longer published says so, although it can still be loaded.
async function growsOld() {
  for (const [path, old] of [["/", true], ["/incidents/1/", false]]) {
    const { page, end } = await visit(path, {}, "2026-11-23T10:00:00Z");
    const fresh = await page.locator("#fresh").textContent();
    check(/may be out of date/.test(fresh) === old, `${path}, two days old, says ${fresh}`);
    await end();
  }
}
