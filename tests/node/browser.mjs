// Opens pages in Chromium and prints a visitor's view of them as JSON.
// Usage: node browser.mjs CHROMIUM URL PATH…

import { browse } from "./site.mjs";

const [executablePath, base, ...paths] = process.argv.slice(2);
const browser = await browse(executablePath);

const looks = [];
for (const path of paths) {
  for (const colorScheme of ["light", "dark"]) {
    looks.push(await look(path, { colorScheme }));
  }
  const plain = await look(path, { colorScheme: "light", javaScriptEnabled: false });
  looks.at(-2).withoutScripts = plain.text;
}
console.log(JSON.stringify(looks));
await browser.close();

async function look(path, options) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const complaints = [];
  const requests = [];
  page.on("console", (message) => {
    // The page's own status is reported as such.
    const own = message.location().url === base + path && message.text().includes("status of 404");
    if (!own && ["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("popup", (popup) => complaints.push(`popup: ${popup.url()}`));
  page.on("request", (request) => requests.push(request.url()));
  const answer = await page.goto(base + path, { waitUntil: "load" });
  const seen = await page.evaluate(describe);
  await page.setViewportSize({ width: 320, height: 640 });
  const width320 = await page.evaluate(() => document.documentElement.scrollWidth);
  await context.close();
  const status = answer.status();
  return { path, scheme: options.colorScheme, status, complaints, requests, width320, ...seen };
}

// Runs in the page.
function describe() {
  const rgba = (text) => {
    const numbers = text.match(/[\d.]+/g).map(Number);
    return { rgb: numbers.slice(0, 3), alpha: numbers[3] ?? 1 };
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const { rgb, alpha } = rgba(getComputedStyle(at).backgroundColor);
      if (alpha > 0) return rgb;
    }
    return [255, 255, 255];
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb
      .map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (light + 0.05) / (dark + 0.05);
  };
  const worstContrast = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    let worst = { ratio: 21, text: "", count: 0 };
    while (walker.nextNode()) {
      const text = walker.currentNode.data.trim();
      const element = walker.currentNode.parentElement;
      if (!text || !element.checkVisibility()) continue;
      const ratio = contrast(rgba(getComputedStyle(element).color).rgb, ground(element));
      worst.count += 1;
      if (ratio < worst.ratio) worst = { ...worst, ratio, text: text.slice(0, 60) };
    }
    return worst;
  };
  const header = document.querySelector("header");
  const contrasts = [worstContrast(header), worstContrast(document.body)];
  // The script's additions are marked, to separate them from the page's own text.
  for (const own of document.querySelectorAll(".own, .late, #fresh")) own.remove();
  const elements = [...document.body.querySelectorAll("*")];
  const attributes = elements.flatMap((element) => [...element.attributes]);
  return {
    words: document.querySelector("h1").innerText.trim().replace(/\s*\n\s*/g, " · "),
    title: document.title,
    headerColour: ground(header),
    headerContrast: contrasts[0],
    pageContrast: contrasts[1],
    text: document.body.innerText,
    allText: document.documentElement.textContent,
    tags: [...new Set(elements.map((element) => element.localName))],
    handlers: attributes.filter((a) => a.name.startsWith("on")).map((a) => a.name),
    styles: attributes.filter((a) => a.name === "style").map((a) => a.value),
    links: [...document.querySelectorAll("a, link, script[src]")].map((e) => e.href || e.src),
    ran: window.ran ?? null,
  };
}
