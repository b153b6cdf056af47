// Visits pages as different people would, and prints the problems as JSON: for each page and way of
// visiting, a list of sentences, empty without problems.
// Usage: node audit.mjs CHROMIUM FOLDER PATH…

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tabThrough } from "./keyboard.mjs";
import { browse, open, serve } from "./site.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const [executablePath, folder, ...paths] = process.argv.slice(2);

const wide = { width: 1280, height: 800 };
const ways = {
  light: [wide, {}],
  dark: [wide, { colorScheme: "dark" }],
  "320 px": [{ width: 320, height: 640 }, {}],
  // To a page, browser zoom is a smaller viewport.
  "200 %": [{ width: 640, height: 400 }, {}],
  "forced colours": [wide, { forcedColors: "active" }],
};

const browser = await browse(executablePath);
const site = await serve(folder);
const wrong = {};
for (const path of paths) {
  await look(path);
  wrong[`${path} by keyboard`] = await byKeyboard(path);
  wrong[`${path} without scripts`] = await withoutScripts(path);
  wrong[`${path} on paper`] = await onPaper(path);
  wrong[`${path} under its policy`] = await underPolicy(path);
}
console.log(JSON.stringify(wrong));
await browser.close();
site.close();

// axe runs in the page, which the page's own policy would forbid.
async function look(path) {
  const { context, page, complaints } = await open(browser, site, path, { bypassCSP: true });
  await page.evaluate(axe);
  for (const [way, [viewport, media]] of Object.entries(ways)) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme: "light", forcedColors: "none", ...media });
    const rules = { rules: { "target-size": { enabled: true } } };
    const found = await page.evaluate((rules) => window.axe.run(document, rules), rules);
    for (const { id, nodes } of found.violations) {
      for (const { html, failureSummary } of nodes) {
        complaints.push(`${id}: ${html.slice(0, 120)} ${failureSummary}`);
      }
    }
    if (found.passes.length < 15) complaints.push(`only ${found.passes.length} rules were tried`);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    if (width > viewport.width) complaints.push(`${width} px wide in ${viewport.width}`);
    wrong[`${path} in ${way}`] = complaints.splice(0);
  }
  await context.close();
}

async function byKeyboard(path) {
  const { context, page, complaints } = await open(browser, site, path);
  complaints.push(...(await tabThrough(page)));
  await context.close();
  return complaints;
}

// The script's additions are marked; the rest is the same.
async function withoutScripts(path) {
  const read = () => {
    for (const own of document.querySelectorAll(".own, .late, #fresh")) own.remove();
    return document.body.innerText.replace(/[ \n]+/g, " ");
  };
  const texts = [];
  for (const javaScriptEnabled of [true, false]) {
    const { context, page } = await open(browser, site, path, { javaScriptEnabled });
    texts.push(await page.evaluate(read));
    await context.close();
  }
  return texts[0] === texts[1] && texts[0].length > 50 ? [] : texts;
}

async function onPaper(path) {
  const options = { viewport: { width: 794, height: 1123 }, colorScheme: "dark", bypassCSP: true };
  const { context, page, complaints } = await open(browser, site, path, options);
  await page.emulateMedia({ media: "print" });
  const seen = await page.evaluate(() => {
    const style = (selector) => getComputedStyle(document.querySelector(selector));
    return {
      width: document.documentElement.scrollWidth,
      ground: style("body").backgroundColor,
      header: style("header").backgroundColor,
      ink: style("h1").color,
      skip: document.querySelector(".skip").getBoundingClientRect().width,
    };
  });
  if (seen.width > 794) complaints.push(`${seen.width} px wide on paper`);
  if (seen.ground !== "rgb(255, 255, 255)") complaints.push(`the paper is ${seen.ground}`);
  if (!/, 0\)$|255, 255, 255/.test(seen.header)) complaints.push(`a header of ${seen.header}`);
  if (seen.ink !== "rgb(0, 0, 0)") complaints.push(`ink of ${seen.ink}`);
  if (seen.skip > 1) complaints.push("the way to the content is printed");
  await page.evaluate(axe);
  const contrast = { runOnly: ["color-contrast"] };
  const found = await page.evaluate((only) => window.axe.run(document, only), contrast);
  complaints.push(...found.violations.flatMap((rule) => rule.nodes.map((node) => node.html)));
  await context.close();
  return complaints;
}

// Requests only the page, its script, and the script's own request: this page.
async function underPolicy(path) {
  site.asked.length = 0;
  const { context, page, complaints } = await open(browser, site, path);
  const policy = await page
    .locator("meta[http-equiv=Content-Security-Policy]")
    .getAttribute("content");
  if (/unsafe/.test(policy)) complaints.push(policy);
  const asked = site.asked.map((request) => request.path);
  const script = await page.locator("script[src]").count();
  if (asked.length !== 1 + script || asked[0] !== path) complaints.push(`asks for ${asked}`);
  await page.evaluate(() => {
    const style = document.createElement("style");
    style.textContent = "body { display: none }";
    document.head.append(style);
    const script = document.createElement("script");
    script.textContent = "window.ran = true";
    document.head.append(script);
  });
  if (complaints.filter((line) => /Content Security Policy/.test(line)).length !== 2) {
    complaints.push("the policy lets inline styles or scripts in");
  }
  const ran = await page.evaluate(() => window.ran || getComputedStyle(document.body).display);
  if (ran !== "block") complaints.push(`an inline style or script had an effect: ${ran}`);
  await context.close();
  return complaints.filter((line) => !/Content Security Policy/.test(line));
}
