// Serves a folder like `$web`, and opens it in a browser.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { chromium } from "playwright-core";

const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json; charset=utf-8",
  ".atom": "application/atom+xml; charset=utf-8",
  ".rss": "application/rss+xml; charset=utf-8",
  ".ics": "text/calendar; charset=utf-8",
};

// Serves `site.folder`, which may change at any time. Requests are in `asked`.
export async function serve(folder) {
  const site = { folder, asked: [], url: "" };
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://site").pathname;
    const file = (name) => readFile(join(site.folder, name)).catch(() => null);
    const name = path.endsWith("/") ? `${path}index.html` : path;
    let body = await file(name);
    let status = 200;
    if (body === null && (await file(`${name}/index.html`))) {
      response.writeHead(308, { location: `${path}/` }).end();
      return;
    }
    if (body === null) [status, body] = [404, (await file("404.html")) ?? ""];
    const etag = `"${createHash("sha256").update(body).digest("hex").slice(0, 16)}"`;
    const type = types[status === 404 ? ".html" : extname(name)] ?? "application/octet-stream";
    const headers = { "content-type": type, "cache-control": "no-cache", etag };
    if (status === 200 && request.headers["if-none-match"] === etag) [status, body] = [304, ""];
    site.asked.push({ path, status, bytes: body.length });
    response.writeHead(status, headers).end(body);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  site.url = `http://127.0.0.1:${server.address().port}`;
  site.close = () => {
    server.closeAllConnections();
    server.close();
  };
  return site;
}

export const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

export function browse(executablePath) {
  return chromium.launch({ executablePath, args: flags });
}

// A page that collects errors and forbidden requests.
export async function open(browser, site, path, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: "en-US",
    timezoneId: "Europe/Berlin",
    ...options,
  });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => {
    const { url } = message.location();
    // The page's own status is reported as such.
    const own = url === site.url + path && message.text().includes("status of 404");
    if (!own && ["error", "warning"].includes(message.type())) {
      complaints.push(`${message.text()} ${url}`);
    }
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(site.url) && !url.startsWith("data:")) complaints.push(`asks ${url}`);
  });
  await page.goto(site.url + path, { waitUntil: "load" });
  return { context, page, complaints };
}
