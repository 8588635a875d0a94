/** What every pass of the page in a browser needs: a server, and eyes for what must never happen. */
import axe from "axe-core";
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const PODCAST = fileURLToPath(new URL("../../examples/podcast.mp3", import.meta.url));
/** A name that is no localhost, which the browser is told to find here: to it the page is plain http. */
export const PLAIN_HOST = "quoth.test";

/** @param more settings, as variables of its environment */
export async function startServer(more = {}) {
  if (process.env.QUOTH_URL) return { url: process.env.QUOTH_URL, stop: () => undefined };
  const port = 8000 + Math.floor(Math.random() * 1000);
  const data = mkdtempSync(join(tmpdir(), "quoth-page-"));
  const server = spawn("quoth", ["serve", "--port", String(port)], {
    env: { ...process.env, QUOTH_DATA: data, ENGINE: "whisper", ALLOWED_HOSTS: PLAIN_HOST, ...more },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 240; tries += 1) {
    const isUp = await fetch(`${url}/health`).then((answer) => answer.ok, () => false);
    if (isUp) return { url, stop: () => server.kill() };
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  server.kill();
  throw new Error("the server did not start within two minutes");
}

/** What the microphone of the browser hears. */
export function speechForMicrophone() {
  const file = join(mkdtempSync(join(tmpdir(), "quoth-voice-")), "voice.wav");
  const made = spawnSync("ffmpeg", ["-v", "error", "-i", PODCAST, "-ac", "1", "-ar", "48000", file]);
  assert.equal(made.status, 0, String(made.stderr));
  return file;
}

/** Whatever must never happen, whatever is done. */
export function watch(page) {
  const wrong = [];
  page.on("dialog", (dialog) => {
    if (dialog.type() === "beforeunload") return void dialog.accept(); // the browser's own question
    wrong.push(`a script ran: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("pageerror", (error) => wrong.push(`an error nobody caught: ${error.message}`));
  page.on("console", (message) => {
    if (/content security policy|trusted/i.test(message.text())) wrong.push(message.text());
  });
  return wrong;
}

export async function checkAccessibility(page, view) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const told = serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
  assert.deepEqual(told, [], `axe finds something serious in ${view}`);
  console.log(`ok  ${view}: axe finds nothing serious (${violations.length} lesser)`);
}

export const step = async (name, act) => {
  const begun = Date.now();
  const result = await act();
  console.log(`ok  ${name} (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
  return result;
};

const RECORDINGS = ".job .row-name a";

/** What is listed as done: a server may have had recordings before. */
export const listed = (page) => page.locator(RECORDINGS).evaluateAll((links) => links.map((link) => link.hash));

/** Open the recording that is done and was not listed before. */
export async function openNewest(page, before) {
  const found = await page.waitForFunction(
    ([links, known]) => [...document.querySelectorAll(links)].map((link) => link.hash).find((hash) => !known.includes(hash)),
    [RECORDINGS, before],
    { timeout: 180_000 },
  );
  await page.locator(`${RECORDINGS}[href="${await found.jsonValue()}"]`).click();
}
