/**
 * The page for whoever needs a key, at the listener where everybody does, over plain http.
 *
 *     npm run build && npm run e2e:keys
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  checkAccessibility,
  PLAIN_HOST,
  PODCAST,
  speechForMicrophone,
  startServer,
  step,
  watch,
} from "./harness.mjs";
import { speak } from "./live.mjs";
import { launch, SIZES } from "./shots.mjs";

const NAME = "podcast.mp3";
const LONG = 180_000;
const SHOTS = process.env.SHOTS;
const EDGE_PORT = 9000 + Math.floor(Math.random() * 900);

/** Make a key at the port where the own network needs none. */
async function makeKey(url, form) {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${url}/v1/keys`, { method: "POST", headers, body: JSON.stringify(form) });
  assert.equal(answer.status, 201, await answer.clone().text());
  return answer.json();
}

async function signIn(page, key) {
  await page.getByLabel("Key", { exact: true }).fill(key);
  await page.getByRole("dialog", { name: "Sign in" }).getByRole("button", { name: "Sign in" }).click();
}

const openMenu = (page, label) => page.getByRole("button", { name: label }).click();

async function shoot(page, name) {
  if (!SHOTS) return;
  for (const [size, { viewport, colorScheme }] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    await page.waitForTimeout(300);
    await page.screenshot({ path: `${SHOTS}/${name}-${size}.png` });
  }
  await page.setViewportSize(SIZES.light.viewport);
  await page.emulateMedia({ colorScheme: "light" });
}

async function main({ url }) {
  const edge = `http://${PLAIN_HOST}:${EDGE_PORT}`;
  const admin = await makeKey(url, { name: "Ana", scopes: ["transcribe", "read", "delete", "admin"] });
  const browser = await launch(speechForMicrophone(), [`--host-resolver-rules=MAP ${PLAIN_HOST} 127.0.0.1`]);
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const wrong = watch(page);
  const addresses = [];
  const refused = [];
  page.on("request", (request) => addresses.push(request.url()));
  page.on("response", (answer) => answer.status() === 401 && refused.push(answer.url()));

  await step("from outside a key is asked for, and a wrong one said to be so", async () => {
    await page.goto(edge);
    await page.getByRole("dialog", { name: "Sign in" }).waitFor();
    await checkAccessibility(page, "the prompt for a key");
    await shoot(page, "sign-in");
    await signIn(page, "quoth_wrong");
    await page.getByRole("alert").getByText("This key opens nothing here").waitFor();
    await checkAccessibility(page, "a wrong key");
    await shoot(page, "wrong-key");
  });

  await step("one can go without, is told so, and sign in later", async () => {
    await page.getByRole("button", { name: "Not now" }).click();
    await page.getByText("This needs a key: sign in with one").waitFor();
    await openMenu(page, "Who you are here");
    await page.getByText("Not signed in").waitFor();
    await page.getByRole("menuitem", { name: "Sign in with a key" }).click();
    await signIn(page, admin.key);
    await page.getByRole("button", { name: "Signed in as Ana" }).waitFor();
  });
  refused.length = 0;

  await step("a recording is uploaded, its progress told by events, and transcribed", async () => {
    await page.waitForRequest((request) => request.url().includes("/v1/jobs/events?ticket="), { timeout: 10_000 }).catch(() => undefined);
    assert.ok(addresses.some((one) => one.includes("/v1/jobs/events?ticket=")), "events were not listened to");
    await page.getByLabel("Recordings", { exact: true }).first().setInputFiles({ name: NAME, mimeType: "audio/mpeg", buffer: readFileSync(PODCAST) });
    await page.getByRole("button", { name: "Transcribe it" }).click();
    await page.getByRole("progressbar", { name: `Progress of ${NAME}` }).first().waitFor();
    const link = page.getByRole("link", { name: NAME });
    await link.waitFor({ timeout: LONG });
    await link.click();
    await page.getByRole("article").first().waitFor();
  });

  await step("it plays, from where a word is clicked, and can be taken away", async () => {
    const feed = page.getByRole("feed", { name: "Transcript" });
    await feed.getByText("bees", { exact: true }).first().click();
    await page.getByRole("button", { name: "Pause" }).waitFor();
    await page.waitForFunction(() => document.querySelector(".words [data-active]"));
    await page.keyboard.press("k");
    assert.ok(addresses.some((one) => /\/audio\?session=\w+$/.test(one)));
    await page.getByRole("button", { name: "Export" }).click();
    await page.locator(".formats label", { hasText: "srt" }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Download srt" }).click(),
    ]);
    assert.match(readFileSync(await download.path(), "utf8"), /-->/);
    await page.keyboard.press("Escape");
  });

  await step("after a reload one is still signed in, and it plays", async () => {
    await page.reload();
    await page.getByRole("button", { name: "Signed in as Ana" }).waitFor();
    await page.getByRole("article").first().waitFor();
    await page.getByRole("button", { name: "Play", exact: true }).click();
    await page.getByRole("button", { name: "Pause" }).waitFor();
    await page.keyboard.press("k");
  });

  const made = await step("an admin makes a key, which is shown once and copied", async () => {
    await openMenu(page, "Signed in as Ana");
    await page.getByRole("menuitem", { name: "API keys" }).click();
    await page.getByRole("heading", { name: "API keys" }).waitFor();
    await page.getByRole("button", { name: "New key" }).click();
    await page.getByLabel("Who or what is it for?").fill("Ben’s laptop");
    await page.getByText("How much it may use").click();
    await page.getByLabel("Hours of audio a day").fill("2");
    await checkAccessibility(page, "the form of a new key");
    await shoot(page, "new-key");
    await page.getByRole("button", { name: "Make it" }).click();
    const field = page.getByRole("dialog", { name: "The key for Ben’s laptop" }).getByLabel("Key", { exact: true });
    const key = await field.inputValue();
    assert.match(key, /^quoth_/);
    await page.getByRole("button", { name: "Copy" }).click();
    await page.getByText("Copied.").waitFor();
    await checkAccessibility(page, "a key that is shown once");
    await shoot(page, "key-once");
    await page.getByRole("button", { name: "I have it" }).click();
    await page.getByRole("heading", { name: "Ben’s laptop" }).waitFor();
    await page.getByText(/today .*, .* (KB|MB)/).first().waitFor();
    await checkAccessibility(page, "the keys");
    await page.emulateMedia({ colorScheme: "dark" });
    await checkAccessibility(page, "the keys in the dark");
    await page.emulateMedia({ colorScheme: "light" });
    await shoot(page, "keys");
    return key;
  });
  assert.deepEqual(refused, []);

  await step("whoever has it sees their own recordings alone, until it is taken back", async () => {
    const other = await browser.newContext();
    const theirs = await other.newPage();
    await theirs.goto(edge);
    await signIn(theirs, made);
    await theirs.getByRole("button", { name: "Signed in as Ben’s laptop" }).waitFor();
    assert.equal(await theirs.getByRole("link", { name: NAME }).count(), 0);
    await openMenu(theirs, "Signed in as Ben’s laptop");
    await theirs.getByRole("menuitem", { name: "Sign out" }).waitFor();
    assert.equal(await theirs.getByRole("menuitem", { name: "API keys" }).count(), 0);
    await theirs.keyboard.press("Escape");
    await page.getByRole("button", { name: "Take back the key Ben’s laptop" }).click();
    await checkAccessibility(page, "taking a key back");
    await shoot(page, "revoke");
    await page.getByRole("button", { name: "Take it back" }).click();
    await page.getByRole("heading", { name: "Ben’s laptop", exact: true }).waitFor({ state: "detached" });
    // Its stream of events ends, and the next ticket is refused.
    await theirs.getByText("The key you signed in with is no longer good").waitFor({ timeout: 30_000 });
    await other.close();
  });

  // A microphone is had in a page that came over https or from localhost alone.
  const near = await context.newPage();
  near.on("websocket", (socket) => addresses.push(socket.url()));
  await step("live text is had with the key, too", async () => {
    await near.goto(`http://localhost:${EDGE_PORT}`);
    await signIn(near, admin.key);
    await near.getByRole("button", { name: "Signed in as Ana" }).waitFor();
  });
  await speak({ page: near, url: `http://localhost:${EDGE_PORT}` });
  assert.ok(addresses.some((one) => /^ws:.*\/v1\/realtime\?.*ticket=/.test(one)), "no ticket was shown");
  await openMenu(near, "Signed in as Ana");
  await near.getByRole("menuitem", { name: "Sign out" }).click();
  await near.getByRole("dialog", { name: "Sign in" }).waitFor();
  await near.close();

  await step("signing out leaves nothing", async () => {
    await openMenu(page, "Signed in as Ana");
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("dialog", { name: "Sign in" }).waitFor();
    assert.equal(await page.evaluate(() => JSON.stringify([sessionStorage, localStorage]).includes("quoth_")), false);
    assert.deepEqual(await context.cookies(), []);
    assert.equal(await page.getByRole("link", { name: NAME }).count(), 0);
  });

  assert.deepEqual(addresses.filter((one) => one.includes(admin.key) || one.includes(made)), []);
  assert.deepEqual(wrong, []);
  await browser.close();
}

const server = await startServer({ EDGE_PORT: String(EDGE_PORT), LAN_ADMIN: "true" });
try {
  await main(server);
  console.log("All of it works.");
} finally {
  server.stop();
}
process.exit(0);
