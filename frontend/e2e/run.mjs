/**
 * The page in a real browser in front of a real server with the whisper engine.
 *
 *     npm run build && npm run e2e            # starts `quoth serve` on a folder of its own
 *     QUOTH_URL=http://127.0.0.1:8000 npm run e2e
 */
import axe from "axe-core";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PAYLOADS } from "./payloads.mjs";
import { launch, shoot } from "./shots.mjs";

const PODCAST = fileURLToPath(new URL("../../examples/podcast.mp3", import.meta.url));
const STEM = `podcast-${Date.now()}`; // a server may have had it before
const NAME = `${STEM}.mp3`;
const SHOTS = process.env.SHOTS;
const LONG = 180_000;

async function startServer() {
  if (process.env.QUOTH_URL) return { url: process.env.QUOTH_URL, stop: () => undefined };
  const port = 8000 + Math.floor(Math.random() * 1000);
  const data = mkdtempSync(join(tmpdir(), "quoth-page-"));
  const server = spawn("quoth", ["serve", "--port", String(port)], {
    env: { ...process.env, QUOTH_DATA: data, ENGINE: "whisper" },
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

/** Whatever must never happen, whatever is done. */
function watch(page) {
  const wrong = [];
  page.on("dialog", (dialog) => {
    wrong.push(`a script ran: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("pageerror", (error) => wrong.push(`an error nobody caught: ${error.message}`));
  page.on("console", (message) => {
    if (/content security policy|trusted/i.test(message.text())) wrong.push(message.text());
  });
  return wrong;
}

async function checkAccessibility(page, view) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const told = serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
  assert.deepEqual(told, [], `axe finds something serious in ${view}`);
  console.log(`ok  ${view}: axe finds nothing serious (${violations.length} lesser)`);
}

const step = async (name, act) => {
  const begun = Date.now();
  const result = await act();
  console.log(`ok  ${name} (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
  return result;
};

async function main({ url }) {
  const browser = await launch();
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, acceptDownloads: true });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const wrong = watch(page);
  const text = () => page.getByRole("feed", { name: "Transcript" });

  await step("the page opens", async () => {
    await page.goto(url);
    await page.getByRole("heading", { name: "Who said what?" }).waitFor();
    await page.getByRole("switch", { name: "Tell speakers apart" }).waitFor();
  });
  await checkAccessibility(page, "home");

  const id = await step("a recording is uploaded, its progress shown, and transcribed", async () => {
    await page.getByLabel("Recordings", { exact: true }).first().setInputFiles({ name: NAME, mimeType: "audio/mpeg", buffer: readFileSync(PODCAST) });
    await page.getByRole("button", { name: "Transcribe it" }).click();
    await page.getByRole("progressbar", { name: `Progress of ${NAME}` }).first().waitFor();
    const link = page.getByRole("link", { name: NAME });
    await link.waitFor({ timeout: LONG });
    await link.click();
    await text().getByRole("button", { name: "Speaker A" }).first().waitFor();
    return page.url().split("/").at(-1);
  });
  await checkAccessibility(page, "the transcript");

  await step("a click on a word plays from there, and the word is marked", async () => {
    await text().getByText("bees", { exact: true }).first().click();
    await page.getByRole("button", { name: "Pause" }).waitFor();
    await page.locator(".words [data-active]").first().waitFor();
    await page.keyboard.press("k");
    await page.getByRole("button", { name: "Play", exact: true }).waitFor();
    const at = await page.getByRole("slider", { name: "Place in the recording" }).getAttribute("aria-valuenow");
    assert.ok(Number(at) >= 1, `it is at ${at}`);
  });

  await step("a speaker gets a name everywhere", async () => {
    await text().getByRole("button", { name: "Speaker A" }).first().click();
    await page.getByRole("menuitem", { name: /Rename Speaker A/ }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("Alice");
    await page.keyboard.press("Enter");
    await text().getByRole("button", { name: "Alice" }).nth(1).waitFor();
    assert.equal(await text().getByRole("button", { name: "Speaker A" }).count(), 0);
  });

  const first = text().getByRole("article").first();
  const before = await first.locator("p.words").innerText();
  await step("a paragraph is corrected, undone and done again by keys", async () => {
    await page.getByRole("button", { name: /Correct the paragraph at 0:00/ }).click();
    await page.getByRole("textbox", { name: /Text of the paragraph/ }).fill("A text of our own.");
    await page.keyboard.press("Enter");
    await first.locator("p.words").getByText("own.").waitFor();
    await page.keyboard.press("Control+z");
    await page.waitForFunction(
      (was) => document.querySelector("p.words")?.innerText.trim() === was, before.trim());
    await page.keyboard.press("Control+Shift+z");
    await first.locator("p.words").getByText("own.").waitFor();
  });

  await step("the SRT that is downloaded is the one of the API, as edited", async () => {
    await page.getByRole("button", { name: "Export" }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: /^Subtitles/ }).click(),
    ]);
    assert.equal(download.suggestedFilename(), `${STEM}.srt`);
    const saved = readFileSync(await download.path(), "utf8");
    assert.equal(saved, await (await fetch(`${url}/v1/jobs/${id}/transcript?format=srt`)).text());
    assert.match(saved, /text of our own\./);
    assert.match(saved, /Alice/);
  });

  await step("after a reload everything is there", async () => {
    await page.reload();
    await first.locator("p.words").getByText("own.").waitFor();
    await text().getByRole("button", { name: "Alice" }).first().waitFor();
  });

  await step("a second window does not overwrite what the first did", async () => {
    const other = await context.newPage();
    await other.goto(page.url());
    await other.getByRole("button", { name: "Undo" }).and(other.locator(":enabled")).click();
    await other.locator("p.words").getByText("own.").waitFor({ state: "detached" });
    await page.keyboard.press("Control+z");
    await page.getByText(/changed elsewhere meanwhile/).waitFor();
    await other.close();
  });

  await step("told apart as one, and as two again", async () => {
    const slider = page.getByRole("slider", { name: "How many speakers?" });
    await slider.fill("1");
    await page.waitForFunction(() => document.querySelectorAll(".speaker").length === 1);
    await slider.fill("2");
    await page.waitForFunction(() => document.querySelectorAll(".speaker").length === 2);
  });

  await step("a share can be read by whoever has the link", async () => {
    await page.getByRole("button", { name: "Share" }).click();
    await page.getByRole("button", { name: "Make a link" }).click();
    const link = await page.getByLabel("It is shown this once").inputValue();
    await checkAccessibility(page, "the share dialog");
    await page.keyboard.press("Escape");
    const guest = await (await browser.newContext()).newPage();
    await guest.goto(link);
    await guest.getByRole("article").first().waitFor();
    assert.equal(await guest.getByRole("button", { name: /Correct the paragraph/ }).count(), 0);
    await guest.close();
  });

  if (SHOTS) await step(`screenshots are in ${SHOTS}`, () => shoot(browser, id, SHOTS, url));
  await step(`${PAYLOADS.length} scripts in names and text are text`, () => inject(page, url, id));

  assert.deepEqual(wrong, []);
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  await browser.close();
}

async function inject(page, url, id) {
  await page.goto(`${url}/#/`);
  await page.getByRole("heading", { name: "Recordings" }).waitFor();
  const files = PAYLOADS.map((name) => ({ name: `${name}.mp3`, mimeType: "audio/mpeg", buffer: Buffer.from("x") }));
  await page.getByLabel("Recordings", { exact: true }).first().setInputFiles(files);
  await page.locator(".uploads .row").nth(PAYLOADS.length - 1).waitFor();
  const post = async (path, method, body) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${url}/v1/jobs/${id}${path}`, { method, headers, body: JSON.stringify(body) });
    assert.ok(answer.ok, await answer.clone().text());
    return answer.json();
  };
  const { transcript } = await (await fetch(`${url}/v1/jobs/${id}/edits`)).json();
  const [segment] = transcript.segments;
  const speaker = transcript.speakers[0].id;
  await post("/edits", "POST", {
    kind: "correct_text", interval: { start: segment.start, end: segment.end }, text: PAYLOADS.join(" "),
  });
  for (const name of PAYLOADS.filter((_, place) => place % 5 === 0)) {
    await post("", "PATCH", { name });
    await post("/edits", "POST", { kind: "rename_speaker", speaker, name });
    await page.goto(`${url}/#/job/${id}`);
    await page.reload();
    await page.getByRole("heading", { name, exact: true }).waitFor();
  }
  await post("", "PATCH", { name: "podcast.mp3" });
}

const server = await startServer();
try {
  await main(server);
  console.log("All of it works.");
} finally {
  server.stop();
}
process.exit(0);
