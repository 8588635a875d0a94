"""Access as the settings have it: networks, containers, the first key, the edge."""

import socket
import threading
import time
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from quoth.api.closing import Closing
from quoth.api.gate import AtTheEdge, Gate
from quoth.auth.access import Access
from quoth.auth.origins import Asked, Verdict, judge
from quoth.bootstrap import http as http_server
from quoth.bootstrap.access import build_access, first_key, key_ring, policy_of
from quoth.bootstrap.doctor import explain_origin
from quoth.bootstrap.surroundings import default_gateways, is_container, stand_ins
from quoth.config import Settings
from quoth.domain.access_errors import UnusableKeys
from quoth.domain.errors import InvalidParameter

ROUTES = """Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT
eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
"""
ROUTES_6 = (
    f"{'0' * 32} 00 {'0' * 32} 00 fd00{'0' * 27}1 00000400 00000001 00000000 00000003 eth0\n"
    f"fd00{'0' * 28} 40 {'0' * 32} 00 {'0' * 32} 00000100 00000001 00000000 00000001 eth0\n"
)
HOST = (b"host", b"localhost")


@pytest.fixture
def container(tmp_path: Path) -> Path:
    (tmp_path / "proc/net").mkdir(parents=True)
    (tmp_path / "proc/net/route").write_text(ROUTES)
    (tmp_path / "proc/net/ipv6_route").write_text(ROUTES_6)
    (tmp_path / ".dockerenv").touch()
    return tmp_path


def test_in_a_container_the_gateways_stand_for_everybody(container: Path) -> None:
    gateways = {ip_address("172.17.0.1"), ip_address("fd00::1")}
    assert default_gateways(container) == gateways
    assert gateways <= stand_ins(container)
    (container / ".dockerenv").unlink()
    assert stand_ins(container) == frozenset()


@pytest.mark.parametrize("mark", ["run/.containerenv", "proc/self/cgroup"])
def test_a_container_is_known_by_any_mark(tmp_path: Path, mark: str) -> None:
    assert not is_container(tmp_path)
    (tmp_path / mark).parent.mkdir(parents=True)
    (tmp_path / mark).write_text("0::/kubepods/besteffort/pod1\n")
    assert is_container(tmp_path)


def test_settings_change_who_needs_a_key(tmp_path: Path) -> None:
    settings = Settings(
        quoth_data=tmp_path, bypass_networks="loopback", trusted_proxies="10.0.0.0/8"
    )
    policy = policy_of(settings)
    verdicts = {
        peer: judge(Asked(peer, (HOST,)), policy).verdict
        for peer in ("127.0.0.1", "192.168.1.2", "10.0.0.1")
    }
    assert verdicts == {
        "127.0.0.1": Verdict.BYPASS,
        "192.168.1.2": Verdict.KEY_REQUIRED,
        "10.0.0.1": Verdict.KEY_REQUIRED,
    }


def test_the_names_of_this_machine_at_home_are_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "Attic.example.org")
    settings = Settings(quoth_data=tmp_path, allowed_hosts="quoth.example, Other.example")
    policy = policy_of(settings)

    def verdict(host: str) -> Verdict:
        return judge(Asked("192.168.1.2", ((b"host", host.encode()),)), policy).verdict

    own = "attic", "attic.local", "attic.lan:8000", "attic.example.org", "other.example"
    assert {verdict(host) for host in own} == {Verdict.BYPASS}
    foreign = "attic.example.com", "attic.local.example.org", "example.org", "lan"
    assert {verdict(host) for host in foreign} == {Verdict.FORBIDDEN}


@pytest.mark.parametrize("value", ["*", "null", "page.example", "https://page.example/path"])
def test_an_origin_is_always_one(tmp_path: Path, value: str) -> None:
    with pytest.raises(InvalidParameter, match="CORS_ORIGINS"):
        policy_of(Settings(quoth_data=tmp_path, cors_origins=value))


def test_an_unusable_file_of_keys_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "api-keys.json").write_text("{")
    with pytest.raises(UnusableKeys):
        build_access(Settings(quoth_data=tmp_path))


def test_a_container_makes_its_first_key_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(quoth_data=tmp_path)
    monkeypatch.setattr("quoth.bootstrap.access.is_container", lambda: False)
    assert first_key(settings) is None
    monkeypatch.setattr("quoth.bootstrap.access.is_container", lambda: True)
    secret = first_key(settings)
    assert secret is not None
    assert first_key(settings) is None
    ring = key_ring(settings)
    assert [key.name for key in ring.keys()] == ["first"]  # noqa: SIM118 - no dictionary
    assert secret not in (tmp_path / "api-keys.json").read_text()


@pytest.mark.parametrize(
    ("changes", "is_made"),
    [({"auth": "required"}, True), ({"bypass_networks": "none"}, True), ({"edge_port": 1}, False)],
)
def test_a_server_that_would_let_nobody_in_makes_its_first_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], *, is_made: bool
) -> None:
    monkeypatch.setattr("quoth.bootstrap.access.is_container", lambda: False)
    settings = Settings(quoth_data=tmp_path, **changes)
    assert (first_key(settings) is not None) is is_made
    assert first_key(settings) is None


def test_the_doctor_explains_how_an_address_fares(tmp_path: Path) -> None:
    settings = Settings(quoth_data=tmp_path, edge_port=8001)
    told = [finding.told for finding in explain_origin(settings, "192.168.1.20")]
    assert [each.partition(".")[0] for each in told] == [
        "needs no key",
        "needs a key",
        "needs a key",
    ]
    with pytest.raises(InvalidParameter, match="no address"):
        list(explain_origin(settings, "my-laptop"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def ports(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, int]]:
    """A server at two ports, the second its edge."""
    main, edge = free_port(), free_port()
    app = FastAPI()
    app.state.closing = Closing()
    app.get("/v1/jobs")(lambda: "let in")
    app.add_middleware(Gate, access=Access())
    app.add_middleware(AtTheEdge, port=edge)
    made: list[http_server._Server] = []

    class Noted(http_server._Server):
        def run(self, sockets: list[socket.socket] | None = None) -> None:
            made.append(self)
            super().run(sockets)

    monkeypatch.setattr(http_server, "_Server", Noted)
    options = {"host": "127.0.0.1", "port": main, "log_level": "warning"}
    listeners = http_server.bind("127.0.0.1", main, ("127.0.0.1", edge))
    thread = threading.Thread(target=http_server.serve_http, args=(app, listeners), kwargs=options)
    thread.start()
    deadline = time.monotonic() + 30
    while not (made and len(getattr(made[0], "servers", ())) == 2):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    yield main, edge
    made[0].should_exit = True
    thread.join(10)


def test_at_the_edge_everybody_needs_a_key_and_nowhere_is_a_header_believed(
    ports: tuple[int, int],
) -> None:
    main, edge = (f"http://127.0.0.1:{port}/v1/jobs" for port in ports)
    assert httpx.get(main).status_code == 200
    assert httpx.get(edge).status_code == 401
    assert httpx.get(edge, headers={"host": f"127.0.0.1:{ports[0]}"}).status_code == 401
    for name in ("x-forwarded-for", "cf-connecting-ip", "forwarded"):
        assert httpx.get(main, headers={name: "127.0.0.1"}).status_code == 401
