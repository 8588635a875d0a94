# shellcheck shell=bash
# Makes .venv with what a lock file names; sourced by start.sh and test.sh.
#
# install_locked LOCK: nothing to do when the lock and both packages are as they were last time.

NEEDED_MB=2500
NEMO_NEEDED_MB=12000
TORCH=2.13.0
NEMO=3.0.0
PYANNOTE=4.0.7

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "quoth: $1"
    shift
    for line in "$@"; do say "       $line"; done
    exit 3
}

find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if command -v "$candidate" >/dev/null &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    fail "Python 3.11 or newer is missing. Install it with one of:" \
        "sudo apt install python3 python3-venv" "sudo dnf install python3" "brew install python" \
        "or name it: PYTHON=/path/to/python3 ./start.sh"
}

check_disk() {
    local needed_mb=${1:-$NEEDED_MB} free_mb
    free_mb=$(df -Pm . | awk 'NR == 2 { print $4 }')
    [ "$free_mb" -ge "$needed_mb" ] || fail \
        "installing takes $needed_mb MB and $PWD has $free_mb MB free." \
        "Free some space, or move this folder to another disk."
}

install_locked() {
    local lock=$1 stamp wanted python
    stamp=".venv/.installed-$(basename "$lock" .lock)"
    wanted=$(cat "$lock" pyproject.toml weights/pyproject.toml | cksum)
    if [ -x .venv/bin/python ] && [ "$(cat .venv/.made-in 2>/dev/null)" = "$PWD" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then return; fi
    python=$(find_python) || exit $?
    check_disk
    "$python" -c 'import ensurepip, venv' 2>/dev/null || fail \
        "$python cannot make virtual environments. On Debian and Ubuntu:" \
        "sudo apt install python3-venv"
    # A folder that was moved, a Python that went away, a first run that was cut short: start anew.
    if [ "$(cat .venv/.made-in 2>/dev/null)" != "$PWD" ] ||
        ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        "$python" -m venv --clear .venv
        printf '%s\n' "$PWD" >.venv/.made-in
    fi
    say "Installing into .venv: about a minute and some hundred MB, once."
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock" ||
        fail "installing failed; what is wrong stands above." \
            "Check the network (a proxy goes into HTTPS_PROXY) and run this again."
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-build-isolation \
        --no-deps --editable ./weights --editable . ||
        fail "installing Quoth itself failed; what is wrong stands above."
    printf '%s\n' "$wanted" >"$stamp"
}

# NeMo and torch into the .venv that is there, hardly anything of it moved; torch as pip finds it, with CUDA
# where that is what the package index gives for this machine.
install_nemo() {
    if .venv/bin/python -c 'import importlib.util as u, sys; sys.exit(not u.find_spec("nemo"))'; then
        return
    fi
    check_disk "$NEMO_NEEDED_MB"
    say "Installing torch and NeMo: some minutes and 3 to 8 GB, once."
    .venv/bin/python -m pip freeze --exclude-editable |
        grep -v -e '^fsspec==' -e '^packaging==' >.venv/nemo-constraints.txt  # NeMo wants older ones
    echo "torch==$TORCH" >>.venv/nemo-constraints.txt
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "torch==$TORCH" &&
        .venv/bin/python -m pip install --quiet --disable-pip-version-check \
            --constraint .venv/nemo-constraints.txt "nemo_toolkit[asr]==$NEMO" "pyannote.audio==$PYANNOTE" ||
        fail "installing NeMo failed; what is wrong stands above." \
            "./start.sh sherpa runs Parakeet without it."
}
