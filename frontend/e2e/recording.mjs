/** Recording from the microphone: paused, cut short by a reload, taken up again, transcribed. */
import assert from "node:assert/strict";
import { checkAccessibility, listed, openNewest, step } from "./harness.mjs";

export async function record({ page, url }) {
  const timer = page.getByRole("timer");
  await step("what is recorded survives a reload in the middle", async () => {
    await page.goto(`${url}/#/`);
    await page.getByRole("button", { name: "Record", exact: true }).click();
    await timer.getByText(/0:0[3-9]/).waitFor();
    const level = () => page.locator(".level").evaluate((bar) => Number(bar.style.getPropertyValue("--level")));
    let loudest = 0;
    for (let look = 0; look < 20; look += 1) {
      loudest = Math.max(loudest, await level());
      await page.waitForTimeout(50);
    }
    assert.ok(loudest > 0.2, `the level meter shows no more than ${loudest}`);
    await checkAccessibility(page, "the recorder");
    await page.getByRole("button", { name: "Pause" }).click();
    const paused = await timer.innerText();
    await page.waitForTimeout(1500);
    assert.equal(await timer.innerText(), paused);
    await page.getByRole("button", { name: "Go on" }).click();
    await timer.getByText(/0:(0[89]|[1-5]\d)/).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Recorded here and not sent yet" }).waitFor();
    await page.getByText(/^0:(0[6-9]|[1-5]\d) · .* kept in this browser/).waitFor();
  });

  await step("it is sent, transcribed, and then kept by the server alone", async () => {
    const before = await listed(page);
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByRole("button", { name: "Transcribe it" }).click();
    await page.getByRole("heading", { name: "Recorded here and not sent yet" }).waitFor({ state: "detached" });
    await openNewest(page, before);
    await page.getByRole("article").first().waitFor();
    const words = await page.locator("[data-w]").count();
    assert.ok(words >= 5, `only ${words} words were heard`);
    await page.locator("[data-w]").nth(words - 2).click();
    await page.locator("[data-w][data-active]").first().waitFor();
    const at = await page.getByRole("slider", { name: "Place in the recording" }).getAttribute("aria-valuenow");
    assert.ok(Number(at) >= 1, `a recording without a stated length is played from ${at} s`);
    await page.keyboard.press("k");
  });

  await step("a recording can be thrown away, after asking, and nothing of it stays", async () => {
    await page.goto(`${url}/#/`);
    await page.getByRole("button", { name: "Record", exact: true }).click();
    await timer.getByText(/0:0[2-9]/).waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Keep recording" }).click();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Throw it away" }).click();
    await page.getByRole("heading", { name: "Who said what?" }).waitFor();
    const left = await page.evaluate(
      () =>
        new Promise((resolve) => {
          const asked = indexedDB.open("quoth");
          asked.onsuccess = () => {
            const count = asked.result.transaction("pieces").objectStore("pieces").count();
            count.onsuccess = () => resolve(count.result);
          };
        }),
    );
    assert.equal(left, 0);
  });
}
