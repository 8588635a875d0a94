/** Screenshots of every main view, light, dark and on a phone: QUOTH_URL, folder. */
import { chromium } from "playwright-core";

export const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
export const URL_ = process.env.QUOTH_URL ?? "http://127.0.0.1:8000";

export const SIZES = {
  light: { viewport: { width: 1280, height: 860 }, colorScheme: "light" },
  dark: { viewport: { width: 1280, height: 860 }, colorScheme: "dark" },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: "light", isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
};

/** @param voice a WAV file that the microphone hears, over and over */
export const launch = (voice, more = []) =>
  chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--no-sandbox",
      "--autoplay-policy=no-user-gesture-required",
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      ...(voice ? [`--use-file-for-fake-audio-capture=${voice}`] : []),
      ...more,
    ],
  });

export async function shoot(browser, jobId, folder, url = URL_) {
  for (const [size, options] of Object.entries(SIZES)) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const shot = (name) => page.screenshot({ path: `${folder}/${name}-${size}.png` });
    await page.goto(url);
    await page.getByRole("region", { name: "Recordings" }).waitFor();
    await page.evaluate(() => document.fonts.ready);
    await shot("home");
    const files = ["Interview with Ada.m4a", "Town hall, second evening.mp4"];
    await page.getByLabel("Recordings", { exact: true }).first().setInputFiles(
      files.map((name) => ({ name, mimeType: "audio/mpeg", buffer: Buffer.alloc(300_000) })),
    );
    await page.getByText("Min–Max").click();
    await page.getByText("is here").nth(1).waitFor();
    await shot("chosen");
    await page.goto(`${url}/#/job/${jobId}`);
    await page.getByRole("article").first().waitFor();
    await page.waitForTimeout(500);
    await shot("transcript");
    await page.getByRole("button", { name: "Search", exact: true }).click();
    await page.getByPlaceholder("Search the transcript").fill("bees");
    await page.waitForTimeout(400);
    await shot("search");
    await page.getByRole("button", { name: "Close the search" }).click();
    await page.getByRole("button", { name: /Correct the paragraph/ }).first().click();
    await page.waitForTimeout(200);
    await shot("editing");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByLabel("Preview").getByText(/\w/).waitFor();
    await shot("export");
    await page.keyboard.press("Escape");
    await page.locator("[data-w='1']").first().click();
    await page.keyboard.press("k");
    for (let more = 0; more < 3; more += 1) await page.keyboard.press("Shift+ArrowRight");
    await page.getByRole("toolbar", { name: "The chosen words" }).waitFor();
    await shot("chosen-words");
    await page.keyboard.press("s");
    await page.getByRole("dialog", { name: "Who says this?" }).waitFor();
    await shot("whose");
    await page.keyboard.press("Escape");
    await page.keyboard.press("f");
    await page.getByPlaceholder("Search the transcript").fill("bees");
    await page.waitForTimeout(300);
    await shot("replace");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Share" }).click();
    await page.waitForTimeout(300);
    await shot("share");
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await page.waitForTimeout(300);
    await shot("help");
    await page.keyboard.press("Escape");
    await page.goto(`${url}/#/help/https`);
    await page.getByRole("heading", { name: "https, for microphones" }).waitFor();
    await shot("guide");
    await page.goto(`${url}/#/`);
    await page.getByRole("button", { name: "Record", exact: true }).click();
    await page.getByRole("timer").getByText(/0:0[2-9]/).waitFor();
    await shot("recorder");
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.waitForTimeout(200);
    await shot("recorder-cancel");
    await page.getByRole("button", { name: "Throw it away" }).click();
    await page.getByRole("button", { name: "Live text" }).click();
    await page.getByRole("log").locator("p:not(.hint)").getByText(/\w+ \w+/).first().waitFor();
    await shot("live");
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Throw it away" }).click();
    await context.setOffline(true);
    await page.getByText("The server cannot be reached. What you").waitFor();
    await shot("offline");
    await context.close();
  }
}

if (process.argv[1]?.endsWith("shots.mjs")) {
  const browser = await launch();
  await shoot(browser, process.argv[2], process.argv[3] ?? "/tmp");
  await browser.close();
}
