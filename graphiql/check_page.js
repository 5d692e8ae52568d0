// The page as the check uses it: a browser that notes what goes wrong, and the hands and eyes of whoever sits before it.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

export async function open(url, folder) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium" });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: "light" });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const wrong = [];
  const sockets = [];
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) =>
      console.error(`the policy forbids: ${violatedDirective} ${blockedURI} ${sample}`),
    );
  });
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) wrong.push(message.text());
  });
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("request", (request) => isOurs(request.url(), url) || wrong.push(`a request to ${request.url()}`));
  page.on("websocket", (socket) => {
    if (!isOurs(socket.url(), url)) wrong.push(`a socket to ${socket.url()}`);
    const frames = [];
    sockets.push(frames);
    socket.on("framereceived", ({ payload }) => frames.push(JSON.parse(payload)));
  });
  return { browser, page, sockets, wrong, ...hands(page, folder), clean: (step) => clean(wrong, step) };
}

function isOurs(address, url) {
  const { protocol, host } = new URL(address);
  return protocol === "data:" || host === new URL(url).host;
}

function clean(wrong, step) {
  assert.deepEqual(wrong.splice(0), [], `${step}: errors in the console, or requests that leave the origin`);
}

function hands(page, folder) {
  const editor = (place) => page.locator(`${place} .CodeMirror`);
  const read = (place) => editor(place).evaluate((element) => element.CodeMirror.getValue());
  return {
    read: () => read(".result-window"),
    async write(place, text) {
      await editor(place).click();
      await page.keyboard.press("Control+a");
      await page.keyboard.press("Delete");
      await page.keyboard.insertText(text);
    },
    /** Runs what is in the editor, and waits until the answer has `sign` in it. */
    async run(sign) {
      // With a menu it belongs to the tab before, which had several operations.
      await page.locator(".graphiql-execute-button:not([aria-haspopup])").click();
      return until(() => read(".result-window"), (text) => text.includes(sign), `an answer with ${sign}`);
    },
    tab: (name) => page.getByRole("tab", { name }).click(),
    shot: (name) => page.screenshot({ path: `${folder}/${name}.png` }),
  };
}

/** Reads until what is read is as it should be. */
export async function until(read, isGood, what, seconds = 30) {
  let last;
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    last = await read();
    if (isGood(last)) return last;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`waited in vain for ${what}; there is: ${JSON.stringify(last)}`);
}
