/**
 * The page in a real browser in front of a real server with the whisper engine.
 *
 *     npm run build && npm run e2e            # starts `quoth serve` on a folder of its own
 *     QUOTH_URL=http://127.0.0.1:8000 npm run e2e
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { checkAccessibility, PLAIN_HOST, PODCAST, speechForMicrophone, startServer, step, watch } from "./harness.mjs";
import { loseTheConnection } from "./offline.mjs";
import { speak } from "./live.mjs";
import { PAYLOADS } from "./payloads.mjs";
import { openOnPlainHttp } from "./plain-http.mjs";
import { record } from "./recording.mjs";
import { launch, shoot } from "./shots.mjs";

const STEM = `podcast-${Date.now()}`; // a server may have had it before
const NAME = `${STEM}.mp3`;
const SHOTS = process.env.SHOTS;
const LONG = 180_000;

async function main({ url }) {
  const browser = await launch(speechForMicrophone(), [`--host-resolver-rules=MAP ${PLAIN_HOST} 127.0.0.1`]);
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
  await page.emulateMedia({ colorScheme: "dark" });
  await checkAccessibility(page, "the transcript in the dark");
  await page.emulateMedia({ colorScheme: "light" });

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
    await rename(page, "Speaker A", "Alice");
    await text().getByRole("button", { name: "Alice" }).nth(1).waitFor();
    await text().getByRole("button", { name: "Speaker A" }).first().waitFor({ state: "detached" });
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
    await page.locator(".formats label", { hasText: "srt" }).click();
    await page.getByLabel("Preview").getByText("text of our own.").waitFor();
    await checkAccessibility(page, "the export dialog");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Download srt" }).click(),
    ]);
    await page.keyboard.press("Escape");
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

  await step("a second window shows what the first does, and undoes it for both", async () => {
    const other = await context.newPage();
    await other.goto(page.url());
    await other.getByRole("button", { name: "Undo" }).and(other.locator(":enabled")).click();
    await other.locator("p.words").getByText("own.").waitFor({ state: "detached" });
    await first.locator("p.words").getByText("own.").waitFor({ state: "detached" });
    await other.close();
  });

  await step("what another browser did is not overwritten, but shown", async () => {
    const other = await (await browser.newContext()).newPage();
    await other.goto(page.url());
    await rename(other, "Alice", "Anna");
    await rename(page, "Alice", "Berta");
    await page.getByText(/changed elsewhere meanwhile/).waitFor();
    await text().getByRole("button", { name: "Anna" }).first().waitFor();
    await page.getByRole("button", { name: "Do it all the same" }).click();
    await text().getByRole("button", { name: "Berta" }).first().waitFor();
    await other.context().close();
  });

  await mend(page, text);
  await loseTheConnection({ page, context, url, id });

  await step("told apart as one, and as two again", async () => {
    await page.goto(`${url}/#/job/${id}`);
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

  await record({ page, url, name: "a recording from the microphone" });
  await speak({ page, url });
  await openOnPlainHttp({ browser, url, id });
  if (SHOTS) await step(`screenshots are in ${SHOTS}`, () => shoot(browser, id, SHOTS, url));
  await step(`${PAYLOADS.length} scripts in names and text are text`, () => inject(page, url, id));

  assert.deepEqual(wrong, []);
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  await browser.close();
}

async function rename(page, from, to) {
  await page.getByRole("feed", { name: "Transcript" }).getByRole("button", { name: from }).first().click();
  await page.getByRole("menuitem", { name: `Rename ${from} everywhere` }).click();
  await page.getByRole("textbox", { name: "Name" }).fill(to);
  await page.keyboard.press("Enter");
}

/** Splitting, giving words to others, replacing: by keys alone. */
async function mend(page, text) {
  const saved = (path) => page.waitForResponse((answer) => answer.url().endsWith(path) && answer.ok());
  const articles = text().getByRole("article");
  await step("a paragraph is split at a word, by keys, and the rest is somebody new's", async () => {
    await articles.first().locator("[data-w='3']").click();
    await page.keyboard.press("k");
    await page.keyboard.press("x");
    await page.getByRole("dialog", { name: "Who says the rest?" }).waitFor();
    await checkAccessibility(page, "the dialog of who speaks");
    await page.getByLabel("Somebody new").fill("Cleo");
    await Promise.all([saved("/edits"), page.keyboard.press("Enter")]);
    await text().getByRole("button", { name: "Cleo" }).first().waitFor();
    assert.equal(await articles.first().locator("[data-w]").count(), 3);
    await Promise.all([saved("/undo"), page.keyboard.press("Control+z")]);
    await text().getByRole("button", { name: "Cleo" }).first().waitFor({ state: "detached" });
  });

  await step("chosen words are given to another speaker", async () => {
    await articles.first().locator("[data-w='1']").click();
    await page.keyboard.press("k");
    for (let more = 0; more < 2; more += 1) await page.keyboard.press("Shift+ArrowRight");
    await page.getByRole("toolbar", { name: "The chosen words" }).getByText("2 words").waitFor();
    await checkAccessibility(page, "chosen words");
    await page.keyboard.press("s");
    await page.getByRole("dialog", { name: "Who says this?" }).waitFor();
    const speakers = await page.locator(".whose li").count();
    await Promise.all([saved("/edits"), page.keyboard.press(String(speakers))]);
    await Promise.all([saved("/undo"), page.keyboard.press("Control+z")]);
  });

  await step("a word is replaced everywhere, and one undo takes all back", async () => {
    await page.keyboard.press("f");
    await page.getByPlaceholder("Search the transcript").fill("the");
    await page.getByText(/^1 of \d+$/).waitFor();
    const count = Number(/of (\d+)/.exec(await page.getByText(/^1 of \d+$/).innerText())[1]);
    assert.ok(count > 1, `only ${count} places have it`);
    await page.getByPlaceholder("Replace with").fill("zzz");
    await Promise.all([saved("/edits"), page.getByRole("button", { name: "All", exact: true }).click()]);
    await page.getByText(/Undo takes all back/).waitFor();
    await page.getByPlaceholder("Search the transcript").fill("zzz");
    await page.getByText(`1 of ${count}`).waitFor();
    await page.getByRole("button", { name: "Close the search" }).click();
    await Promise.all([saved("/undo"), page.keyboard.press("Control+z")]);
    await page.getByText("zzz").first().waitFor({ state: "detached" });
  });
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
