#!/usr/bin/env bash
# Lint, types and every test this machine can run, of the page, too, where Node is. `./test.sh quick` leaves out the slow ones;
# further arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")"
. scripts/install.sh

selection=()
if [ "${1:-}" = quick ]; then
    selection=(-m "not slow" --hypothesis-profile=quick)
    shift
fi
command -v ffmpeg >/dev/null || say "Tests of decoding need ffmpeg: sudo apt install ffmpeg"

install_locked requirements/dev.lock
scripts/bucket-server.sh
# shellcheck disable=SC1091 # made by the line above
. .venv/bin/activate
ruff check .
ruff format --check .
mypy
lint-imports --no-logo
if command -v npm >/dev/null; then
    (cd frontend && npm ci --ignore-scripts --no-audit --no-fund --silent && npm run --silent check)
elif [ -n "${CI:-}" ]; then
    say "The page is checked with Node 20 or newer, which is not installed."
    exit 1
else
    say "The page is left out: its checks need Node 20 or newer."
fi
python -m pytest ${selection[@]+"${selection[@]}"} "$@"  # bash 3.2 of macOS trips over none
