/** Ten hours, 90,000 words: seconds until they are there, and the longest task while one scrolls. */
import { launch, URL_ } from "./shots.mjs";

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
const browser = await launch();
const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
await page.route("**/v1/jobs/long", (route) => route.fulfill({ json: job }));
await page.route("**/v1/jobs/long/peaks", (route) => route.fulfill({ status: 404, json: {} }));
await page.route("**/v1/jobs/long/edits", (route) => route.fulfill({ body, contentType: "application/json" }));
await page.goto(URL_);
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
