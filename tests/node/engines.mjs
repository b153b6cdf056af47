// Firefox and WebKit with the part of a page's interface that the tests need: `goto`, `evaluate`,
// `keyboard.press`, `resize` and `picture`, named as in Playwright.

import { spawn } from "node:child_process";
import { createServer } from "node:net";
import puppeteer from "puppeteer-core";

export async function open(engine, executable) {
  return engine === "firefox" ? firefox(executable) : webkit(executable);
}

// By WebDriver BiDi, which needs no driver program.
async function firefox(executablePath) {
  const browser = await puppeteer.launch({ browser: "firefox", executablePath, headless: true });
  const page = await browser.newPage();
  return {
    goto: (url) => page.goto(url, { waitUntil: "load" }),
    evaluate: (run, ...given) => page.evaluate(run, ...given),
    keyboard: page.keyboard,
    resize: (width, height) => page.setViewport({ width, height }),
    picture: async () => Buffer.from(await page.screenshot({ type: "png" })),
    close: () => browser.close(),
  };
}

// By WebDriver, on a virtual display.
async function webkit(executable) {
  const ended = new AbortController();
  const start = (program, given, env) =>
    spawn(program, given, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "ignore", "inherit", "pipe"],
      signal: ended.signal,
    }).on("error", (error) => {
      if (error.name !== "AbortError") throw error;
    });
  // It chooses a free number, and writes it to file descriptor 3.
  const screen = start("Xvfb", ["-displayfd", "3", "-screen", "0", "1400x1000x24", "-nolisten", "tcp"]);
  const display = await new Promise((ready) => screen.stdio[3].once("data", ready));
  const port = await freePort();
  start(executable, [`--port=${port}`], { DISPLAY: `:${String(display).trim()}` });

  const call = async (method, path, body) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      body: body && JSON.stringify(body),
    });
    const { value } = await answer.json();
    if (value?.error) throw new Error(`${path}: ${value.message || value.error}`);
    return value;
  };
  const until = Date.now() + 20_000;
  const capabilities = {};
  let session = null;
  while (!session) {
    session = await call("POST", "/session", { capabilities }).catch((error) => {
      if (Date.now() > until) throw error;
    });
    if (!session) await new Promise((ready) => setTimeout(ready, 100));
  }
  const at = `/session/${session.sessionId}`;
  const keys = { Tab: "\uE004", Enter: "\uE007", " ": " " };
  return {
    goto: (url) => call("POST", `${at}/url`, { url }),
    evaluate: (run, ...args) =>
      call("POST", `${at}/execute/sync`, { script: `return (${run})(...arguments)`, args }),
    keyboard: {
      press: (key) => {
        const actions = ["keyDown", "keyUp"].map((type) => ({ type, value: keys[key] }));
        return call("POST", `${at}/actions`, { actions: [{ type: "key", id: "keys", actions }] });
      },
    },
    resize: (width, height) => call("POST", `${at}/window/rect`, { width, height }),
    picture: async () => Buffer.from(await call("GET", `${at}/screenshot`), "base64"),
    close: async () => {
      await call("DELETE", at);
      ended.abort();
    },
  };
}

function freePort() {
  return new Promise((ready) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => ready(port));
    });
  });
}
