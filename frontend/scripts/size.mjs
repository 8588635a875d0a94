/** Fail if what the page loads at first, JavaScript and styles, is more than 150 KB gzipped. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const MOST_KB = 150;
const web = new URL("../../quoth/web/", import.meta.url);
const html = readFileSync(new URL("index.html", web), "utf8");
const names = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.(?:js|css))"/g)].map((found) => found[1]);
if (names.length === 0) throw new Error("index.html names no script: run `npm run build` first");

let total = 0;
for (const name of names) {
  const size = gzipSync(readFileSync(new URL(name, web)), { level: 9 }).length / 1000;
  total += size;
  console.log(`${size.toFixed(1).padStart(7)} KB  ${name}`);
}
console.log(`${total.toFixed(1).padStart(7)} KB  of at most ${MOST_KB} KB, gzipped`);
if (total > MOST_KB) process.exit(1);
