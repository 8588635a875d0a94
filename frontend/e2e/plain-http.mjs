/** From another host over plain http, where browsers refuse microphone, clipboard and `crypto.subtle`. */
import assert from "node:assert/strict";
import { PLAIN_HOST, step, watch } from "./harness.mjs";

export async function openOnPlainHttp({ browser, url, id }) {
  const plain = url.replace("127.0.0.1", PLAIN_HOST);
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  const page = await context.newPage();
  const wrong = watch(page);
  await step("over plain http the recorder is a sentence with a guide that is served here", async () => {
    await page.goto(plain);
    assert.equal(await page.evaluate(() => window.isSecureContext), false);
    await page.getByText("Browsers give the microphone only to pages that come over https.").waitFor();
    assert.equal(await page.getByRole("button", { name: "Record", exact: true }).count(), 0);
    await page.getByRole("link", { name: "How to have it here" }).click();
    await page.getByRole("heading", { name: "https, for microphones" }).waitFor();
    await page.getByText("./start.sh --tls").first().waitFor();
  });
  await step("over plain http a transcript is read, copied, edited and uploaded as elsewhere", async () => {
    await page.goto(`${plain}/#/job/${id}`);
    await page.getByRole("article").first().waitFor();
    await page.keyboard.press("t");
    await page.locator(".formats label", { hasText: "txt" }).click();
    await page.getByLabel("Preview").getByText(/\w/).waitFor();
    await page.getByRole("button", { name: "Copy" }).click();
    await page.getByText("The text is copied.").waitFor();
    await page.keyboard.press("Escape");
    await page.goto(`${plain}/#/`);
    await page.getByLabel("Recordings", { exact: true }).first().setInputFiles({ name: "plain.mp3", mimeType: "audio/mpeg", buffer: Buffer.alloc(200_000) });
    await page.getByText("is here").waitFor();
    await page.getByRole("button", { name: "Leave out plain.mp3" }).click();
  });
  assert.deepEqual(wrong, []);
  await context.close();
}
