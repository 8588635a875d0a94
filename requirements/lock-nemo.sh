#!/usr/bin/env bash
# Write nemo.lock anew, for the image with a GPU; needs uv. To be run after lock.sh, whose versions it
# keeps. With arguments for uv, such as --upgrade-package NAME, versions of NeMo's own move.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/install.sh

pins=requirements/.core-pins
trap 'rm -f "$pins"' EXIT
sed -n 's/^\([a-z0-9._-]*==.*[^ ]\) \\$/\1/p' requirements/core.lock |
    grep -v -e '^fsspec==' -e '^packaging==' >"$pins"  # NeMo wants older ones
echo "torch==$TORCH" >>"$pins"
uv pip compile pyproject.toml requirements/build.in --quiet --extra nemo \
    --python-version 3.12 --python-platform x86_64-manylinux_2_28 \
    --generate-hashes --no-emit-package quoth-weights --no-emit-package quoth \
    --custom-compile-command ./requirements/lock-nemo.sh \
    --constraint "$pins" --output-file requirements/nemo.lock "$@"
