/** The text while one speaks, and the job that comes of it. */
import assert from "node:assert/strict";
import { checkAccessibility, listed, openNewest, step } from "./harness.mjs";

export async function speak({ page, url }) {
  const log = page.getByRole("log", { name: "What is being said" });
  let before = [];
  await step("what is said is written while it is said, settled words apart from others", async () => {
    await page.goto(`${url}/#/`);
    await page.getByRole("region", { name: "Recordings" }).waitFor();
    before = await listed(page);
    await page.getByRole("button", { name: "Live text" }).click();
    await log.locator("p:not(.hint)").getByText(/\w+ \w+/).first().waitFor();
    assert.equal(await page.getByRole("button", { name: "Stop" }).count(), 1, "it came only at the end");
    await page.waitForFunction(() => document.querySelector(".live-text .guess"));
    await checkAccessibility(page, "live text");
    const words = () => document.querySelector(".live-text").innerText.split(/\s+/).length >= 8;
    await page.waitForFunction(words);
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("Now it is transcribed once more").waitFor();
    // The last words come after the end.
    await page.waitForFunction(words);
    assert.equal(await page.locator(".live .warning").count(), 0);
  });
  await step("the recording becomes a job by itself, with speakers", async () => {
    await page.getByRole("button", { name: "Close" }).click();
    await openNewest(page, before);
    await page.getByRole("feed", { name: "Transcript" }).getByRole("button", { name: /^Speaker / }).first().waitFor();
  });
}
