/** Put a gzipped copy beside each text file of the build, for the server to send. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const web = new URL("../../quoth/web/", import.meta.url);
const TEXT = /\.(?:js|css|svg|html)$/;

for (const name of readdirSync(web, { recursive: true })) {
  if (!TEXT.test(name)) continue;
  const url = new URL(name, web);
  writeFileSync(`${url.pathname}.gz`, gzipSync(readFileSync(url), { level: 9 }));
}
