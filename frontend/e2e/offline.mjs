/** The connection goes and comes back: what was done meanwhile is shown, kept and sent. */
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PODCAST, step } from "./harness.mjs";

export async function loseTheConnection({ page, context, url, id }) {
  const banner = page.getByText("The server cannot be reached. What you change is kept here");
  const first = page.getByRole("article").first();
  await step("without a connection a correction is shown, kept, and sent when it is back", async () => {
    await context.setOffline(true);
    await banner.waitFor();
    await page.getByRole("button", { name: /Correct the paragraph at 0:00/ }).click();
    await page.getByRole("textbox", { name: /Text of the paragraph/ }).fill("Written without a connection.");
    await page.keyboard.press("Enter");
    await first.locator("p.words").getByText("connection.").waitFor();
    const before = await (await fetch(`${url}/v1/jobs/${id}/transcript?format=txt`)).text();
    assert.doesNotMatch(before, /Written without/);
    await context.setOffline(false);
    await banner.waitFor({ state: "detached" });
    await page.waitForFunction(() => sessionStorage.length === 0 || !JSON.stringify(sessionStorage).includes("correct_text"));
    const after = await (await fetch(`${url}/v1/jobs/${id}/transcript?format=txt`)).text();
    assert.match(after, /Written without a connection\./);
    await Promise.all([page.waitForResponse(/undo$/), page.keyboard.press("Control+z")]);
  });

  await step("an upload that breaks off goes on by itself, and after a reload with the same file", async () => {
    await page.goto(`${url}/#/`);
    const file = join(mkdtempSync(join(tmpdir(), "quoth-file-")), "broken-off.mp3");
    copyFileSync(PODCAST, file); // a real one: that it is the same is seen by its date as well
    const choose = () => page.getByLabel("Recordings", { exact: true }).first().setInputFiles(file);
    await page.route("**/v1/uploads/*", (route) => (route.request().method() === "PATCH" ? route.abort() : route.continue()));
    await choose();
    await page.waitForRequest((request) => request.method() === "PATCH");
    await page.reload();
    await page.getByText("choose this file once more").waitFor();
    await page.unroute("**/v1/uploads/*");
    const begun = [];
    page.on("request", (request) => {
      if (request.method() === "POST" && request.url().endsWith("/v1/uploads")) begun.push(request.url());
    });
    await page.getByLabel("Choose broken-off.mp3 once more").setInputFiles(file);
    await page.getByText("is here").waitFor();
    assert.deepEqual(begun, [], "it was begun anew");
    await page.reload(); // what was sent, and not made a job of, is there as well
    await page.getByText("is here").waitFor();
    await page.getByRole("button", { name: "Leave out broken-off.mp3" }).click();
  });
}
