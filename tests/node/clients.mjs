// What a client in JavaScript makes of a published site, as JSON.
// Usage: node clients.mjs statuspage.io URL
//        node clients.mjs status-widget URL CHROMIUM
//        node clients.mjs xml SCHEMA FILE…      what each has against the RELAX NG schema, or ""
//                                               for none, against XML alone

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const clients = { "statuspage.io": api, "status-widget": widget, xml };
const [client, ...rest] = process.argv.slice(2);
console.log(JSON.stringify(await clients[client](...rest)));

async function api(url) {
  const { Statuspage } = createRequire(import.meta.url)("statuspage.io");
  const page = new Statuspage("any");
  page.setApiUrl(url);
  const { api } = page;
  return {
    status: await api.getStatus(),
    components: await api.getComponents(),
    summary: await api.getSummary(),
    incidents: await api.incidents.getAll(),
    unresolved: await api.incidents.getUnresolved(),
    // For any kind of maintenance, it reads the file of upcoming ones.
    maintenances: await api.scheduledMaintenances.getAll(),
    upcoming: await api.scheduledMaintenances.getUpcoming(),
    active: await api.scheduledMaintenances.getActive(),
  };
}

async function widget(url, executablePath) {
  const { chromium } = await import("playwright-core");
  const script = createRequire(import.meta.url).resolve("@statuspage/status-widget/dist/index.js");
  const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"];
  const browser = await chromium.launch({ executablePath, args });
  const page = await browser.newPage();
  const complaints = [];
  const requests = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("request", (request) => requests.push(request.url()));
  // A page of the same origin that embeds the widget twice. The widget's file is strict code and
  // sets this name without declaring it.
  const body =
    `<!doctype html><link rel="icon" href="data:,"><title>x</title><script>var parcelRequire;</script>` +
    `<statuspage-widget src="${url}"></statuspage-widget>` +
    `<statuspage-widget src="${url}" appearance="badge" title="Ours"></statuspage-widget>`;
  await page.route(`${url}/embeds`, (route) => route.fulfill({ contentType: "text/html", body }));
  await page.goto(`${url}/embeds`);
  await page.addScriptTag({ path: script });
  await page.waitForFunction(() =>
    [...document.querySelectorAll("statuspage-widget")].every((widget) =>
      widget.shadowRoot?.querySelector(".status-indicator"),
    ),
  );
  const shown = await page.$$eval("statuspage-widget", (widgets) =>
    widgets.map((widget) => {
      const indicator = widget.shadowRoot.querySelector(".status-indicator");
      const texts = [...widget.shadowRoot.querySelectorAll(".status-container > *")];
      return {
        link: widget.shadowRoot.querySelector("a").href,
        classes: [...indicator.classList],
        colour: getComputedStyle(indicator).backgroundColor,
        texts: texts.map((text) => text.textContent.trim()),
      };
    }),
  );
  await browser.close();
  return { shown, complaints, requests };
}

async function xml(schema, ...files) {
  const { XmlDocument, RelaxNGValidator } = await import("libxml2-wasm");
  const grammar = schema && XmlDocument.fromBuffer(readFileSync(schema));
  const validator = grammar && RelaxNGValidator.fromDoc(grammar);
  return files.map((file) => {
    try {
      const document = XmlDocument.fromBuffer(readFileSync(file));
      if (validator) validator.validate(document);
      return "";
    } catch (error) {
      return `${error}`;
    }
  });
}
