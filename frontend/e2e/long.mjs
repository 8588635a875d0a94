/** Ten hours, 90,000 words: seconds until they are there, and the longest task while one scrolls. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { launch } from "./shots.mjs";

const WORDS = 90_000;
const PER_LINE = 12;

function transcript() {
  const words = Array.from({ length: WORDS }, (_, place) => ({
    text: `word${place % 977}${place % 11 === 10 ? "." : ""}`,
    start: place * 0.4,
    end: place * 0.4 + 0.35,
    speaker: "ABC"[Math.floor(place / 60) % 3],
    confidence: 0.9,
  }));
  const segments = [];
  for (let first = 0; first < WORDS; first += PER_LINE) {
    const line = words.slice(first, first + PER_LINE);
    segments.push({
      id: segments.length,
      start: line[0].start,
      end: line.at(-1).end,
      speaker: line[0].speaker,
      text: line.map(({ text }) => text).join(" "),
      words: line,
    });
  }
  const speakers = [..."ABC"].map((id) => ({ id, name: `Speaker ${id}`, seconds: WORDS * 0.13 }));
  const turns = segments.map(({ start, end, speaker }) => ({ start, end, speaker }));
  return { version: 1, text: "", language: "en", duration: WORDS * 0.4, engine: "x", model: "x", speakers, segments, words, turns, warnings: [] };
}

const state = { object: "edit_state", etag: '"1"', can_undo: false, can_redo: false, unapplied: [], transcript: transcript() };
const job = { id: "long", object: "job", name: "Ten hours.mp3", status: "completed", stage: null, fraction: 1, remaining: null, queue_position: null, duration: 36_000, size_bytes: 1, model: null, language: null, diarize: true, created_at: 1, started_at: 1, finished_at: 2, attempt: 1, error: null, has_audio: false, revision: 1 };

const body = JSON.stringify(state);
const answers = { "/v1/jobs/long": JSON.stringify(job), "/v1/jobs/long/edits": body };
const web = new URL("../../quoth/web/", import.meta.url);
const KINDS = { js: "text/javascript", css: "text/css", html: "text/html", svg: "image/svg+xml", woff2: "font/woff2" };

/** The page as built, and answers that are the same each time: the page is measured, not the server. */
const server = createServer((request, response) => {
  const path = request.url === "/" ? "/index.html" : request.url.split("?")[0];
  if (path in answers) return response.writeHead(200, { "content-type": "application/json" }).end(answers[path]);
  if (!/^\/(index\.html|favicon\.svg|assets\/[\w.-]+)$/.test(path)) return response.writeHead(404, { "content-type": "application/json" }).end("{}");
  return response.writeHead(200, { "content-type": KINDS[path.split(".").at(-1)] }).end(readFileSync(new URL(`.${path}`, web)));
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));

const browser = await launch();
const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
await page.goto(`http://127.0.0.1:${server.address().port}/`);
await page.getByRole("heading", { name: "Who said what?" }).waitFor();

const opened = await page.evaluate(async () => {
  const begun = performance.now();
  location.hash = "#/job/long";
  while (!document.querySelector("article p.words")) await new Promise(requestAnimationFrame);
  return performance.now() - begun;
});
const scrolled = await page.evaluate(async () => {
  const tasks = [];
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask" });
  const frames = [];
  let last = performance.now();
  for (let step = 0; step < 300; step += 1) {
    window.scrollBy(0, step % 60 === 59 ? 40_000 : 240);
    await new Promise(requestAnimationFrame);
    frames.push(performance.now() - last);
    last = performance.now();
  }
  await new Promise((done) => setTimeout(done, 300));
  frames.sort((one, other) => one - other);
  return { longest_task_ms: Math.max(0, ...tasks), median_frame_ms: frames[150], rows: document.querySelectorAll("article").length };
});
console.log(JSON.stringify({ words: WORDS, json_mb: +(body.length / 1e6).toFixed(1), opened_ms: Math.round(opened), ...scrolled }));
await browser.close();
server.close();
