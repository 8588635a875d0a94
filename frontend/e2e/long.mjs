/**
 * How quick the page is: an hour that is loaded from nothing, ten hours that are opened and scrolled.
 *
 *     npm run build && npm run long                                        # prints
 *     npm run long -- --json ../bench/results/page-2-cores.json            # keeps it, on a quiet machine
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { cpus, loadavg } from "node:os";
import { gzipSync } from "node:zlib";
import { launch } from "./shots.mjs";

const TEN_HOURS = 90_000;
const AN_HOUR = 9_000;
const PER_LINE = 12;
const RUNS = 5;
/** What is aimed at, in milliseconds. */
const AIMS = { painted_ms: 1000, opened_ms: 1500, longest_task_ms: 100 };

function transcript(count) {
  const words = Array.from({ length: count }, (_, place) => ({
    text: `word${place % 977}${place % 11 === 10 ? "." : ""}`,
    start: place * 0.4,
    end: place * 0.4 + 0.35,
    speaker: "ABC"[Math.floor(place / 60) % 3],
    confidence: 0.9,
  }));
  const segments = [];
  for (let first = 0; first < count; first += PER_LINE) {
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
  const speakers = [..."ABC"].map((id) => ({ id, name: `Speaker ${id}`, seconds: count * 0.13 }));
  const turns = segments.map(({ start, end, speaker }) => ({ start, end, speaker }));
  return { version: 1, language: "en", duration: count * 0.4, engine: "x", model: "x", speakers, segments, turns, warnings: [] };
}

const stateOf = (count) => ({ object: "edit_state", etag: '"1"', can_undo: false, can_redo: false, unapplied: [], transcript: transcript(count) });
const jobOf = (id) => ({ id, object: "job", name: `${id}.mp3`, status: "completed", stage: null, fraction: 1, remaining: null, queue_position: null, duration: 36_000, size_bytes: 1, model: null, language: null, diarize: true, created_at: 1, started_at: 1, finished_at: 2, attempt: 1, error: null, has_audio: false, revision: 1 });

const long = JSON.stringify(stateOf(TEN_HOURS));
const answers = {
  "/v1/jobs/long": JSON.stringify(jobOf("long")),
  "/v1/jobs/long/edits": long,
  "/v1/jobs/hour": JSON.stringify(jobOf("hour")),
  "/v1/jobs/hour/edits": JSON.stringify(stateOf(AN_HOUR)),
};
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

const url = `http://127.0.0.1:${server.address().port}/`;
const browser = await launch();

async function run() {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  const page = await context.newPage();
  await page.addInitScript(() => {
    const look = () => {
      if (document.querySelector("article p.words")) window.painted = performance.now();
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await page.goto(`${url}#/job/hour`); // nothing of it is in the browser yet
  await page.waitForFunction(() => window.painted);
  const painted = await page.evaluate(() => window.painted);
  await page.evaluate(() => (location.hash = "#/"));
  await page.getByRole("heading", { name: "Who said what?" }).waitFor();
  const opened = await page.evaluate(async () => {
    const begun = performance.now();
    location.hash = "#/job/long";
    while (!document.querySelector("article p.words")) await new Promise(requestAnimationFrame);
    return performance.now() - begun;
  });
  const scrolled = await page.evaluate(scroll);
  await context.close();
  return { painted_ms: Math.round(painted), opened_ms: Math.round(opened), ...scrolled };
}

async function scroll() {
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
  return {
    longest_task_ms: Math.round(Math.max(0, ...tasks)),
    median_frame_ms: +frames[150].toFixed(1),
    rows: document.querySelectorAll("article").length,
  };
}

function initialSize() {
  const html = readFileSync(new URL("index.html", web), "utf8");
  const names = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.(?:js|css))"/g)].map(([, name]) => name);
  return names.reduce((sum, name) => sum + gzipSync(readFileSync(new URL(name, web)), { level: 9 }).length, 0) / 1000;
}

const load = loadavg()[0];
const runs = [];
for (let place = 0; place < RUNS; place += 1) runs.push(await run());
const median = (key) => runs.map((one) => one[key]).sort((one, other) => one - other)[Math.floor(RUNS / 2)];
const result = {
  machine: `${cpus().length} cores, ${cpus()[0].model}; load average ${load.toFixed(1)} before`,
  date: new Date().toISOString().slice(0, 10),
  commit: execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim(),
  command: "cd frontend && npm run build && npm run long -- --json FILE",
  initial_js_and_css_gzipped_kb: +initialSize().toFixed(1),
  words: { painted: AN_HOUR, opened_and_scrolled: TEN_HOURS },
  ten_hours_json_mb: +(long.length / 1e6).toFixed(1),
  aims_ms: AIMS,
  medians: Object.fromEntries(Object.keys(AIMS).map((key) => [key, median(key)])),
  runs,
};
console.log(JSON.stringify(result, null, 2));
const [flag, file] = process.argv.slice(2);
if (flag === "--json" && file) writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
await browser.close();
server.close();
