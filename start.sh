#!/usr/bin/env bash
# Everything a fresh machine needs, then the server.
set -euo pipefail
cd "$(dirname "$0")"
. scripts/install.sh
. scripts/docker.sh

usage() {
    cat <<'TEXT'
usage: ./start.sh [install] [--docker | --tls] [auto|whisper|sherpa|nemo] [-- OPTION...]

  ./start.sh                      install what is missing, then serve at http://localhost:8000
  ./start.sh whisper              the same with that engine
  ./start.sh sherpa               the same with Parakeet, which is fetched once (about 490 MB)
  ./start.sh nemo                 the same with NeMo on a CUDA GPU: some GB of torch, NeMo and model
  ./start.sh install [ENGINE]     only install
  ./start.sh --docker [ENGINE]    the same in a container, by docker compose; docs/containers.md
  ./start.sh --tls                https with a certificate made here, for microphones; docs/https.md
  ./start.sh -- --port 9000       options after -- go to `quoth serve`
TEXT
}

only_install=false in_docker=false tls=()
while [ $# -gt 0 ]; do
    case "$1" in
        install) only_install=true ;;
        auto | whisper | sherpa | nemo) export ENGINE=$1 ;;
        --docker) in_docker=true ;;
        --tls) tls=(--tls) ;;
        -h | --help)
            usage
            exit 0
            ;;
        --)
            shift
            break
            ;;
        *)
            usage >&2
            exit 2
            ;;
    esac
    shift
done

case "${ENGINE:-}" in
    sherpa) wanted_model=${SHERPA_MODEL:-} parakeet=parakeet-tdt-0.6b-v3-int8 ;;
    nemo) wanted_model=${NEMO_MODEL:-} parakeet=parakeet-tdt-0.6b-v3 ;;
    *) wanted_model=none ;;
esac
if $in_docker; then
    [ "$# ${#tls[@]}" = "0 0" ] || fail \
        "with --docker, settings go into quoth.env and ports into .env; docs/containers.md says how."
    serve_in_docker
fi

install_locked requirements/core.lock
[ "${ENGINE:-}" != nemo ] || install_nemo
scripts/build_frontend.sh || true  # it says what is wrong; the API works without the page
if [ -z "$wanted_model" ] &&
    [ "$(.venv/bin/quoth models list --engine "$ENGINE" --here --json)" = "[]" ]; then
    .venv/bin/quoth models pull "$parakeet" ||
        fail "without a model the $ENGINE engine cannot start; what is wrong stands above." \
            "./start.sh whisper needs none."
fi
if $only_install; then
    command -v "${FFMPEG:-ffmpeg}" >/dev/null ||
        say "ffmpeg is not installed: files are decoded with the one in PyAV, which does, too."
    say "Installed. Start the server with ./start.sh, or transcribe a file with"
    say "    .venv/bin/quoth transcribe FILE"
    exit 0
fi
exec .venv/bin/quoth serve ${tls[@]+"${tls[@]}"} "$@"
