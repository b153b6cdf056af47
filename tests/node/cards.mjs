// Draws Adaptive Cards with Microsoft's own renderer and prints as JSON what a reader meets.
// Usage: node cards.mjs CHROMIUM CARDS.json [FOLDER]
// CARDS.json is an array of `{ name, card }`; with FOLDER each is drawn as `card-NAME.png`.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { browse } from "./site.mjs";

const [executablePath, file, folder] = process.argv.slice(2);
const library = createRequire(import.meta.url).resolve(
  "adaptivecards/dist/adaptivecards.min.js",
);
const cards = JSON.parse(await readFile(file, "utf8"));
const browser = await browse(executablePath);
const looks = [];
for (const { name, card } of cards) {
  // As wide as a channel on a phone.
  const context = await browser.newContext({ viewport: { width: 360, height: 640 } });
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  await page.setContent(
    "<body style='margin: 12px; font-family: sans-serif; background: #fff'></body>",
  );
  await page.addScriptTag({ path: library });
  const look = await page.evaluate(draw, card);
  if (folder) await page.locator("body > div").screenshot({ path: join(folder, `card-${name}.png`) });
  await context.close();
  looks.push({ name, ...look, complaints: [...complaints, ...look.complaints] });
}
console.log(JSON.stringify(looks));
await browser.close();

// Runs in the page.
function draw(json) {
  const card = new AdaptiveCards.AdaptiveCard();
  card.hostConfig = new AdaptiveCards.HostConfig({ fontFamily: "sans-serif" });
  // Markdown is left as it is: what people wrote has to be readable without it, too.
  AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
    const shown = document.createElement("span");
    shown.textContent = text.replace(/\\(.)/g, "$1");
    result.outputHtml = shown.innerHTML;
    result.didProcess = true;
  };
  const context = new AdaptiveCards.SerializationContext();
  card.parse(json, context);
  const complaints = [];
  for (let at = 0; at < context.eventCount; at++) complaints.push(context.getEventAt(at).message);
  for (const failure of card.validateProperties().validationEvents) {
    complaints.push(failure.message);
  }
  const element = card.render();
  document.body.append(element);
  return {
    complaints,
    text: element.innerText,
    links: [...element.querySelectorAll("button, a")].map((button) => button.innerText.trim()),
    elements: [...element.querySelectorAll("script, iframe, img")].map((one) => one.tagName),
    width: document.documentElement.scrollWidth,
  };
}
