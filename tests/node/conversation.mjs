// Draws a conversation in a channel: who wrote what, and the cards that answered. Prints the names of
// the pictures as JSON.
// Usage: node conversation.mjs CHROMIUM MESSAGES.json FOLDER
// MESSAGES.json is an array of `{ at, from, text, card, still }`; those that are `still` are in
// `channel.png`, and all of them, one after another, in `demo.png`, which moves.

import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { browse } from "./site.mjs";

const [executablePath, file, folder] = process.argv.slice(2);
const library = createRequire(import.meta.url).resolve("adaptivecards/dist/adaptivecards.min.js");
const host = JSON.parse(await readFile(new URL("teams-host.json", import.meta.url), "utf8"));
const messages = JSON.parse(await readFile(file, "utf8"));
const size = { width: 560, height: 560 };
const frame_ms = 2500;

const browser = await browse(executablePath);
const page = await browser.newPage({ viewport: size });
await page.setContent(`<style>
  body { margin: 0; padding: 14px; background: #f5f5f5; color: #242424; font: 14px/1.4 sans-serif; }
  section { margin-bottom: 10px; padding: 10px 14px; background: #fff; border-radius: 6px; box-shadow: 0 1px 2px #0002; }
  section.bot { margin-inline-start: 28px; border-inline-start: 3px solid #5b5fc7; }
  small { margin-inline-start: 8px; color: #616161; }
  p { margin: 2px 0 0; white-space: pre-line; }
  i { color: #5b5fc7; font-style: normal; font-weight: 600; }
  .ac-adaptiveCard { padding: 6px 0 0 !important; }
</style>`);
await page.addScriptTag({ path: library });

await page.evaluate(draw, { host, messages: messages.filter((message) => message.still) });
await page.screenshot({ path: join(folder, "channel.png"), fullPage: true });
const frames = [];
for (let shown = 1; shown <= messages.length; shown += 1) {
  await page.evaluate(draw, { host, messages: messages.slice(0, shown) });
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  frames.push(await page.screenshot());
}
await writeFile(join(folder, "demo.png"), moving(frames));
await browser.close();
console.log(JSON.stringify(["channel.png", "demo.png"]));

// Runs in the page.
function draw({ host, messages }) {
  AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
    const shown = document.createElement("span");
    shown.textContent = text.replace(/\\(.)/g, "$1").replace(/[`*]/g, "");
    result.outputHtml = shown.innerHTML;
    result.didProcess = true;
  };
  const said = (from, at, text, content) => {
    const section = document.createElement("section");
    section.className = from === "StatusPage" ? "bot" : "";
    const name = document.createElement("b");
    name.textContent = from;
    const time = document.createElement("small");
    time.textContent = at;
    const words = document.createElement("p");
    if (section.className === "") {
      const mention = document.createElement("i");
      mention.textContent = "StatusPage ";
      words.append(mention);
    }
    words.append(text);
    section.append(name, time, content ?? words);
    return section;
  };
  const drawn = messages.flatMap(({ at, from, text, card }) => {
    const own = said(from, at, text);
    if (!card) return [own];
    const answer = new AdaptiveCards.AdaptiveCard();
    answer.hostConfig = new AdaptiveCards.HostConfig(host);
    answer.parse(card);
    return [own, said("StatusPage", at, "", answer.render())];
  });
  document.body.replaceChildren(...drawn);
}

// One PNG that shows several of the same size in turn, again and again.
function moving(pictures) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const numbers = (...all) => {
    const bytes = Buffer.alloc(4 * all.length);
    all.forEach((number, index) => bytes.writeUInt32BE(number, 4 * index));
    return bytes;
  };
  const chunks = (png) => {
    const found = [];
    for (let at = 8; at < png.length; ) {
      const length = png.readUInt32BE(at);
      found.push([png.toString("latin1", at + 4, at + 8), png.subarray(at + 8, at + 8 + length)]);
      at += 12 + length;
    }
    return found;
  };
  const header = chunks(pictures[0]).find(([type]) => type === "IHDR")[1];
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const parts = [pictures[0].subarray(0, 8), chunk("IHDR", header)];
  parts.push(chunk("acTL", numbers(pictures.length, 0)));
  let sequence = 0;
  for (const [index, png] of pictures.entries()) {
    const delay = Buffer.alloc(6);
    delay.writeUInt16BE(index === pictures.length - 1 ? 2 * frame_ms : frame_ms, 0);
    delay.writeUInt16BE(1000, 2);
    parts.push(chunk("fcTL", Buffer.concat([numbers(sequence++, width, height, 0, 0), delay])));
    for (const [type, data] of chunks(png)) {
      if (type !== "IDAT") continue;
      if (index === 0) parts.push(chunk("IDAT", data));
      else parts.push(chunk("fdAT", Buffer.concat([numbers(sequence++), data])));
    }
  }
  parts.push(chunk("IEND", Buffer.alloc(0)));
  return Buffer.concat(parts);
}
