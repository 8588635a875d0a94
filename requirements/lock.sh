#!/usr/bin/env bash
# Write all locks but nemo.lock anew from pyproject.toml; needs uv. With arguments for uv, such as
# --upgrade or --upgrade-package NAME, versions move; without, only what has to.
set -euo pipefail
cd "$(dirname "$0")/.."
lock() {
    local target=$1
    shift
    uv pip compile pyproject.toml requirements/build.in --quiet --universal --python-version 3.11 \
        --generate-hashes --no-emit-package quoth-weights --no-emit-package quoth \
        --custom-compile-command ./requirements/lock.sh --output-file "requirements/$target" "$@"
}
lock core.lock "$@"
lock dev.lock --extra dev --constraint requirements/core.lock "$@"
uv pip compile requirements/bucket-server.in --quiet --universal --python-version 3.11 \
    --generate-hashes --custom-compile-command ./requirements/lock.sh \
    --output-file requirements/bucket-server.lock "$@"
