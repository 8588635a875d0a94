"""Addresses are taken before anything else happens, or not at all."""

import logging
import socket
import subprocess
import sys

import pytest

from quoth.bootstrap.http import STARTUP_FAILURE, bind


def test_a_taken_port_ends_the_start_and_says_which(caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with caplog.at_level(logging.ERROR), pytest.raises(SystemExit) as ending:
            bind("127.0.0.1", port)
    assert ending.value.code == STARTUP_FAILURE
    assert f"127.0.0.1 port {port}: Address already in use" in caplog.text


def test_a_host_that_is_not_here_ends_the_start(caplog: pytest.LogCaptureFixture) -> None:
    for host in ("203.0.113.7", "no-such-host.invalid"):
        with caplog.at_level(logging.ERROR), pytest.raises(SystemExit):
            bind(host, 0)
        assert f"Cannot listen at {host}" in caplog.text


def test_nobody_is_answered_before_the_server_begins() -> None:
    listeners = bind("127.0.0.1", 0, ("127.0.0.1", 0))
    assert listeners.edge is not None
    for listener in (*listeners.main, listeners.edge):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(listener.getsockname(), timeout=5)
        listener.close()


def test_a_name_is_listened_at_with_all_its_addresses() -> None:
    listeners = bind("localhost", 0)
    families = {each[0] for each in socket.getaddrinfo("localhost", 0, type=socket.SOCK_STREAM)}
    assert {listener.family for listener in listeners.main} == families
    for listener in listeners.main:
        listener.close()


WORK = """
import sys
from quoth.bootstrap.server import Address, work

class Jobs:
    start = lambda self: print("took up jobs")
    stop = lambda self: None

work(None, Jobs(), lambda: print("ended"), Address("127.0.0.1", int(sys.argv[1])))
"""


def test_no_job_is_taken_up_where_the_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-c", WORK, port], capture_output=True, text=True, check=False
        )
    assert done.returncode == STARTUP_FAILURE
    assert "took up jobs" not in done.stdout
    assert f"port {port}: Address already in use" in done.stderr
