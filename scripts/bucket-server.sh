#!/usr/bin/env bash
# Install the server that speaks S3 for tests (tests/buckets.py) into .bucket-server, apart from .venv.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/install.sh
stamp=.bucket-server/.installed
wanted=$(printf '%s\n' "$PWD" | cat - requirements/bucket-server.lock | cksum)
if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then exit; fi
python=$(find_python)
"$python" -m venv --clear .bucket-server
.bucket-server/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
    -r requirements/bucket-server.lock || fail "installing the server for tests failed; see above."
printf '%s\n' "$wanted" >"$stamp"
