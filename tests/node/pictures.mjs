// Draws the pictures of the README from the scenes that `cargo test --test tests pictures -- --ignored` makes.
// Usage: node pictures.mjs CHROMIUM SCENES FOLDER

import { join } from "node:path";
import { browse, open, serve } from "./site.mjs";

const [executablePath, scenes, folder] = process.argv.slice(2);
const pictures = [
  ["quiet", "quiet", "/", { viewport: { width: 1000, height: 1180 } }],
  ["incidents", "incidents", "/", { viewport: { width: 1000, height: 1180 } }],
  ["dark", "incidents", "/", { viewport: { width: 1000, height: 1180 }, colorScheme: "dark" }],
  ["maintenance", "maintenance", "/", { viewport: { width: 1000, height: 1180 } }],
  ["phone", "incidents", "/", { viewport: { width: 360, height: 1180 } }],
  ["incident", "quiet", "/incidents/2/", { viewport: { width: 1000, height: 900 } }],
];

const browser = await browse(executablePath);
for (const [name, scene, path, options] of pictures) {
  const site = await serve(join(scenes, scene));
  // The script would say how long ago this was.
  const settings = { ...options, javaScriptEnabled: false };
  const { context, page } = await open(browser, site, path, settings);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await context.close();
  site.close();
}
await browser.close();
console.log(JSON.stringify(pictures.map(([name]) => `${name}.png`)));
