// Draws the pictures of the README from the scenes that `cargo test --test tests pictures -- --ignored` makes.
// Usage: node pictures.mjs CHROMIUM SCENES FOLDER [all]
// With `all`, every view is drawn: light, dark, small, on paper and in other languages.

import { join } from "node:path";
import { browse, open, serve } from "./site.mjs";

const [executablePath, scenes, folder, all] = process.argv.slice(2);
let pictures = [
  ["quiet", "quiet", "/", { viewport: { width: 1000, height: 1180 } }],
  ["incidents", "incidents", "/", { viewport: { width: 1000, height: 1180 } }],
  ["dark", "incidents", "/", { viewport: { width: 1000, height: 1180 }, colorScheme: "dark" }],
  ["maintenance", "maintenance", "/", { viewport: { width: 1000, height: 1180 } }],
  ["phone", "incidents", "/", { viewport: { width: 360, height: 1180 } }],
  ["incident", "quiet", "/incidents/2/", { viewport: { width: 1000, height: 900 } }],
];

if (all) {
  const ways = {
    light: [1000, {}],
    dark: [1000, { colorScheme: "dark" }],
    small: [360, {}],
    paper: [794, { print: true }],
  };
  const views = [
    ["heavy", "/"], ["quiet", "/"], ["maintenance", "/"], ["german", "/"], ["hebrew", "/"],
    ["incidents", "/incidents/9/"], ["quiet", "/incidents/2/"], ["hebrew", "/incidents/9/"],
    ["heavy", "/uptime/"], ["quiet", "/history/"], ["quiet", "/history/2026-11/"],
    ["quiet", "/subscribe/"], ["hebrew", "/subscribe/"], ["german", "/subscribe/"],
  ];
  pictures = views.flatMap(([scene, path]) =>
    Object.entries(ways).map(([way, [width, options]]) => [
      `${scene}${path.replaceAll("/", "-")}${way}`,
      scene,
      path,
      { viewport: { width, height: 700 }, ...options },
    ]),
  );
}

const browser = await browse(executablePath);
for (const [name, scene, path, options] of pictures) {
  const site = await serve(join(scenes, scene));
  // The script would say how long ago this was.
  const { print, ...settings } = { ...options, javaScriptEnabled: false };
  const { context, page } = await open(browser, site, path, settings);
  if (print) await page.emulateMedia({ media: "print" });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: Boolean(all) });
  await context.close();
  site.close();
}
await browser.close();
console.log(JSON.stringify(pictures.map(([name]) => `${name}.png`)));
