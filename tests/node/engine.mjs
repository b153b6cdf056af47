// Meets the page in Firefox or WebKit: by keyboard, small, and kept open while the site changes, with
// the real clock. Prints what is wrong as JSON, a sentence each.
// Usage: node engine.mjs firefox|webkit EXECUTABLE BEFORE AFTER [PICTURE]
// BEFORE and AFTER are folders, of which the second says more.

import { writeFile } from "node:fs/promises";
import { open } from "./engines.mjs";
import { disturbed, mark, marked, words } from "./followed.mjs";
import { tabThrough } from "./keyboard.mjs";
import { serve } from "./site.mjs";

const [engine, executable, before, after, picture] = process.argv.slice(2);
const wrong = [];
const check = (holds, what) => {
  if (!holds) wrong.push(what);
};
// Waits up to 45 seconds for a condition: the page checks every 30.
async function reach(holds) {
  const until = Date.now() + 45_000;
  while (!(await holds())) {
    if (Date.now() > until) return false;
    await new Promise((ready) => setTimeout(ready, 50));
  }
  return true;
}

const page = await open(engine, executable);
try {
  for (const path of ["/", "/incidents/1/"]) await drawn(path);
  await follows("/", true);
  await follows("/incidents/1/", false);
} finally {
  await page.close();
}
console.log(JSON.stringify(wrong));

// Its own style and script run under its policy, nothing is too wide, and everything is reachable
// by keyboard.
async function drawn(path) {
  const site = await serve(before);
  await page.goto(site.url + path);
  const seen = await page.evaluate(() => ({
    ground: getComputedStyle(document.querySelector("header")).backgroundColor,
    empty: [...document.querySelectorAll("main svg")]
      .filter((bar) => bar.checkVisibility())
      .filter((bar) => !bar.getBoundingClientRect().height).length,
    fresh: document.getElementById("fresh").textContent,
  }));
  check(seen.ground !== "rgba(0, 0, 0, 0)", `${path}: the header has no colour`);
  check(seen.empty === 0, `${path}: ${seen.empty} bars are not drawn`);
  check(/Checked/.test(seen.fresh), `${path}: freshness is ${seen.fresh}`);
  if (picture && path === "/") await writeFile(picture, await page.picture());
  for (const said of await tabThrough(page)) wrong.push(`${path}: ${said}`);
  await page.resize(400, 800);
  const [width, room] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    window.innerWidth,
  ]);
  check(room <= 500 && width <= room, `${path}: ${width} px wide in ${room}`);
  await page.resize(1280, 900);
  check(site.asked.some(({ path }) => path.endsWith(".js")), `${path}: the script was not asked for`);
  site.close();
}

// New content appears without a reload: by the page's timer, or when the network is back.
async function follows(path, byClock) {
  const site = await serve(before);
  await page.goto(site.url + path);
  await page.evaluate(mark);
  const online = () => page.evaluate(() => window.dispatchEvent(new Event("online")) && null);
  const asked = site.asked.length;
  await online();
  await reach(() => site.asked.length > asked);
  const first = site.asked[asked];
  // Under automation WebKit has no cache, and so sends no version.
  const unchanged = engine === "webkit" ? 200 : 304;
  check(first?.path === path && first.status === unchanged, `${path}: ${JSON.stringify(first)}`);
  check((await page.evaluate(marked)).said === "", `${path}: nothing changed, and it is announced`);

  site.folder = after;
  if (!byClock) await online();
  const isNew = () => document.body.innerText.includes("The second update");
  check(await reach(() => page.evaluate(isNew)), `${path}: the update does not appear`);
  for (const said of disturbed(await page.evaluate(marked))) wrong.push(`${path}: ${said}`);
  const patched = await page.evaluate(words);
  await page.goto(site.url + path);
  const loaded = await page.evaluate(words);
  check(patched === loaded, `${path}: patched\n${patched}\nis not\n${loaded}`);

  // A different server answers, and then the page again.
  const says = (pattern) =>
    reach(async () =>
      pattern.test(await page.evaluate(() => document.getElementById("fresh").textContent)),
    );
  await page.goto(site.url + path);
  site.folder = "/nowhere";
  await online();
  check(await says(/may be out of date/), `${path}: a failure is not told`);
  site.folder = after;
  await online();
  check(await says(/Checked/), `${path}: it does not recover`);
  site.close();
}
