// Draws the pictures of the documents from the scenes of the test `browser::pages::pictures`.
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
    ["heavy", ["/", "/incidents/17/", "/uptime/", "/reports/2026-11/", "/history/2026-11/"]],
    ["quiet", ["/", "/incidents/2/", "/history/", "/history/2026-11/", "/subscribe/", "/404.html"]],
    ["maintenance", ["/", "/incidents/7/", "/incidents/8/", "/incidents/9/"]],
    ["corrected", ["/", "/incidents/7/", "/incidents/8/", "/incidents/9/", "/incidents/10/"]],
    ["german", ["/", "/incidents/9/", "/uptime/", "/reports/2026-11/", "/subscribe/"]],
    ["hebrew", ["/", "/incidents/9/", "/uptime/", "/reports/2026-11/", "/subscribe/"]],
    ["empty", ["/", "/history/"]],
  ].flatMap(([scene, paths]) => paths.map((path) => [scene, path]));
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
