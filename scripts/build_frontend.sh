#!/usr/bin/env bash
# Builds the page into quoth/web/, where the server finds it. Does nothing when it is built of the
# same sources; without Node 20 or newer it says so and ends well: the API needs no page.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

sources() {
    { find frontend -path frontend/node_modules -prune -o -type f -print; echo docs/https.md; } | LC_ALL=C sort |
        while IFS= read -r file; do cksum "$file"; done | cksum
}

if ! command -v npm >/dev/null || ! node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'; then
    say "Node 20 or newer is not installed: the server will have no web page, only its API."
    exit 0
fi
wanted=$(sources)
if [ "$(cat quoth/web/.built-of 2>/dev/null)" = "$wanted" ]; then exit 0; fi
say "Building the web page: about a minute, once."
cd frontend
npm ci --ignore-scripts --no-audit --no-fund --silent || {
    say "quoth: the page could not be built; what is wrong stands above. The API works without it."
    exit 4
}
npm run --silent build >/dev/null
printf '%s\n' "$wanted" >../quoth/web/.built-of
