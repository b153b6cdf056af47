// Draws answers as Teams draws them on a phone: Adaptive Cards with Microsoft's own renderer, its
// host configuration for Teams and the font of Teams on Android. Prints as JSON what a reader meets.
// Usage: node cards.mjs CHROMIUM ANSWERS.json [FOLDER]
// ANSWERS.json is an array of `{ name, card }` and `{ name, text }`; with FOLDER each is drawn as
// `card-NAME.png`.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { browse } from "./site.mjs";

const [executablePath, file, folder] = process.argv.slice(2);
const { resolve } = createRequire(import.meta.url);
const library = resolve("adaptivecards/dist/adaptivecards.min.js");
const host = JSON.parse(await readFile(new URL("teams-host.json", import.meta.url), "utf8"));
const style = await fonts([
  ["Roboto", "@fontsource/roboto/files/roboto-latin-400-normal.woff2", 400],
  ["Roboto", "@fontsource/roboto/files/roboto-latin-600-normal.woff2", 600],
  ["Roboto Mono", "@fontsource/roboto-mono/files/roboto-mono-latin-400-normal.woff2", 400],
  ["Roboto Mono", "@fontsource/roboto-mono/files/roboto-mono-latin-600-normal.woff2", 600],
]);
const answers = JSON.parse(await readFile(file, "utf8"));
const browser = await browse(executablePath);
const looks = [];
for (const { name, card, text, extra } of answers) {
  const context = await browser.newContext({ viewport: { width: 320, height: 640 } });
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  await page.setContent(`<style>${style}</style><body></body>`);
  await page.addScriptTag({ path: library });
  await page.evaluate((fonts) => Promise.all(fonts.map((font) => document.fonts.load(font))), [
    "14px Roboto",
    "600 14px Roboto",
    '14px "Roboto Mono"',
  ]);
  const look = card
    ? await page.evaluate(draw, { card, host, extra })
    : await page.evaluate(write, text);
  if (folder) await page.locator("body > div").screenshot({ path: join(folder, `card-${name}.png`) });
  await context.close();
  looks.push({ name, ...look, complaints: [...complaints, ...look.complaints] });
}
console.log(JSON.stringify(looks));
await browser.close();

// The fonts, within the style sheet, and Teams' additions around a card.
async function fonts(list) {
  const faces = list.map(async ([family, path, weight]) => {
    const font = (await readFile(resolve(path))).toString("base64");
    return `@font-face { font-family: "${family}"; font-weight: ${weight};
      src: url(data:font/woff2;base64,${font}); }`;
  });
  return `${(await Promise.all(faces)).join("\n")}
    body { margin: 0; background: #fff; font: 14px/1.4286 Roboto; }
    .text { padding: 8px 16px; }
    .text p { margin: 0 0 8px; overflow-wrap: anywhere; }
    code { font-family: "Roboto Mono"; }
    .ac-pushButton { height: 32px; padding: 4px 10px 5px; font: 600 14px Roboto; color: #6264a7;
      background: #fff; border: 1px solid #bfc0da; border-radius: 4px; overflow: hidden; }`;
}

// Both run in the page.
function draw({ card: json, host, extra }) {
  const card = new AdaptiveCards.AdaptiveCard();
  card.hostConfig = new AdaptiveCards.HostConfig(host);
  const context = new AdaptiveCards.SerializationContext();
  card.parse(json, context);
  const complaints = [];
  for (let at = 0; at < context.eventCount; at++) complaints.push(context.getEventAt(at).message);
  for (const failure of card.validateProperties().validationEvents) {
    complaints.push(failure.message);
  }
  // Without the one element that does not count.
  const short = new AdaptiveCards.AdaptiveCard();
  short.hostConfig = card.hostConfig;
  short.parse({ ...json, body: json.body.filter((_, place) => place !== extra) });
  const counted = short.render();
  document.body.append(counted);
  const height = Math.ceil(counted.getBoundingClientRect().height);
  counted.remove();
  const element = card.render();
  document.body.append(element);
  return {
    complaints,
    text: element.innerText,
    links: [...element.querySelectorAll("button, a")].map((button) => button.innerText.trim()),
    elements: [...element.querySelectorAll("script, iframe, img")].map((one) => one.tagName),
    width: document.documentElement.scrollWidth,
    height,
    // True if the fonts were loaded for measuring.
    fonts: ["14px Roboto", "600 14px Roboto", '14px "Roboto Mono"'].every((font) =>
      document.fonts.check(font),
    ),
  };
}

function write(markdown) {
  const element = document.createElement("div");
  element.className = "text";
  for (const paragraph of markdown.split("\n\n")) {
    const shown = document.createElement("p");
    shown.textContent = paragraph.replace(/\\(.)/g, "$1");
    shown.innerHTML = shown.innerHTML
      .replace(/&amp;(lt|gt|amp);/g, "&$1;")
      .replace(/\*\*(.+?)\*\*/g, "<b>$1</b>")
      .replace(/`(.+?)`/g, "<code>$1</code>")
      .replace(/\[(.+?)\]\((.+?)\)/g, "<u>$1</u>");
    element.append(shown);
  }
  document.body.append(element);
  const { height } = element.getBoundingClientRect();
  const fonts = ["14px Roboto", '14px "Roboto Mono"'].every((font) => document.fonts.check(font));
  const width = document.documentElement.scrollWidth;
  return { complaints: [], text: element.innerText, links: [], elements: [], width, height, fonts };
}
