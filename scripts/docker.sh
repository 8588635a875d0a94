# shellcheck shell=bash
# Quoth by docker compose; sourced by start.sh after scripts/install.sh.

# Builds the image for $ENGINE, pulls $parakeet into its volume if that engine has no model yet, and
# serves until Ctrl-C; with $only_install it does not serve.
serve_in_docker() {
    local service=quoth-sherpa profile=sherpa here
    command -v docker >/dev/null || fail "docker is missing: https://docs.docker.com/engine/install" \
        "./start.sh without --docker needs none."
    docker compose version >/dev/null 2>&1 ||
        fail "docker has no compose: https://docs.docker.com/compose/install/linux"
    if [ "${ENGINE:-}" = nemo ]; then service=quoth-nemo profile=nemo; fi
    docker compose --profile "$profile" build "$service" ||
        fail "the image could not be built; what is wrong stands above."
    if [ -n "${parakeet:-}" ]; then
        here=$(docker compose --profile "$profile" run --rm --no-deps -T "$service" \
            models list --engine "$ENGINE" --here --json) ||
            fail "the container does not run; what is wrong stands above." \
                "A GPU takes the NVIDIA Container Toolkit: docs/containers.md."
        if [ "$here" = "[]" ]; then
            docker compose --profile "$profile" run --rm --no-deps "$service" models pull "$parakeet" ||
                fail "without a model the $ENGINE engine cannot start; what is wrong stands above."
        fi
    fi
    if $only_install; then
        say "Built. Start it with ./start.sh --docker${ENGINE:+ $ENGINE}"
        exit 0
    fi
    exec docker compose --profile "$profile" up "$service"
}
