"""Sending to a real receiver on loopback, and to addresses that nothing may be sent to."""

import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from quoth.adapters.webhooks.sending import HttpWebhookSender
from quoth.domain.errors import InvalidParameter
from quoth.domain.webhooks import WebhookMessage
from quoth.ports.webhooks import Outcome
from tests.conftest import missing
from tests.receiver import SECRET, Answer, Receiver, receiving

MESSAGE = WebhookMessage("job.1", {"type": "job.completed", "data": {"name": "Zoë"}})
OTHER_SECRET = "whsec_" + "QUJD" * 8
NAME = "hooks.example.com"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


class Names:
    """A resolver that knows one name, whose addresses may change each time it is asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def sender(seconds: float = 5.0, **how: object) -> HttpWebhookSender:
    return HttpWebhookSender(SECRET, allow_private=True, seconds=seconds, **how)  # type: ignore[arg-type]


def test_the_library_of_receivers_accepts_the_signature(receiver: Receiver) -> None:
    found = sender().send(receiver.url, MESSAGE)
    assert (found.outcome, found.detail) == (Outcome.DELIVERED, "127.0.0.1 answered 204")
    got = receiver.got[0]
    assert got.verified() == MESSAGE.content
    assert got.path == "/hook?a=b"
    assert got.headers["webhook-id"] == "job.1"
    assert abs(int(got.headers["webhook-timestamp"]) - time.time()) < 5
    assert got.headers["Content-Type"] == "application/json"
    assert got.headers["Host"] == f"127.0.0.1:{receiver.port}"
    with pytest.raises(WebhookVerificationError):
        got.verified(OTHER_SECRET)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(got.body + b" ", dict(got.headers))


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        *((200, "delivered"), (202, "delivered"), (410, "stopped")),
        *((status, "failed") for status in (400, 401, 404, 429, 500, 503)),
    ],
)
def test_the_status_decides(receiver: Receiver, status: int, outcome: str) -> None:
    receiver.answers.append(Answer(status, body=b"whatever"))
    assert sender().send(receiver.url, MESSAGE).outcome.value == outcome


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(receiver: Receiver, status: int) -> None:
    receiver.answers.append(Answer(status, {"Location": receiver.url}))
    found = sender().send(receiver.url, MESSAGE)
    assert found.outcome is Outcome.FAILED
    assert "not followed" in found.detail
    assert len(receiver.got) == 1


def test_a_receiver_that_never_answers_costs_the_time_of_one_try() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.monotonic()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        found = sender(seconds=0.5).send(url, MESSAGE)
    assert found.outcome is Outcome.FAILED
    assert "took too long" in found.detail
    assert 0.4 < time.monotonic() - begun < 2.0


def test_a_receiver_that_answers_byte_by_byte_costs_no_more(receiver: Receiver) -> None:
    receiver.answers.append(Answer(200, {"X": "y" * 1000}, seconds=0.1))
    begun = time.monotonic()
    found = sender(seconds=0.7).send(receiver.url, MESSAGE)
    assert found.outcome is Outcome.FAILED
    assert "took too long" in found.detail
    assert time.monotonic() - begun < 2.0
    assert receiver.hung_up.wait(5)


def test_a_body_without_end_is_not_waited_for(receiver: Receiver) -> None:
    receiver.answers.append(Answer(200, body=b"y" * 50_000_000))
    begun = time.monotonic()
    assert sender().send(receiver.url, MESSAGE).outcome is Outcome.DELIVERED
    assert time.monotonic() - begun < 2.0
    assert receiver.hung_up.wait(5)


def test_a_slow_body_after_success_is_a_success(receiver: Receiver) -> None:
    head = len(b"HTTP/1.1 200 So\r\nContent-Length: 2000\r\n\r\n")
    receiver.answers.append(Answer(200, body=b"y" * 2000, seconds=0.5 / head))
    begun = time.monotonic()
    assert sender(seconds=1.5).send(receiver.url, MESSAGE).outcome is Outcome.DELIVERED
    assert time.monotonic() - begun < 3.0


def test_nobody_there_is_a_failure_that_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    found = sender().send(f"http://127.0.0.1:{port}/secret-path", MESSAGE)
    assert found.outcome is Outcome.FAILED
    assert "refused" in found.detail
    assert "secret-path" not in found.detail


def test_what_is_no_http_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"SSH-2.0-OpenSSH_9.9\r\n")

        thread = threading.Thread(target=talk)
        thread.start()
        found = sender().send(f"http://127.0.0.1:{server.getsockname()[1]}/", MESSAGE)
        thread.join()
    assert found.outcome is Outcome.FAILED
    assert "no answer from 127.0.0.1" in found.detail


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]"])
def test_loopback_under_any_of_its_names_is_refused(receiver: Receiver, host: str) -> None:
    strict = HttpWebhookSender(SECRET, seconds=5.0)
    url = f"http://{host}:{receiver.port}/"
    with pytest.raises(InvalidParameter, match="WEBHOOK_ALLOW_PRIVATE") as caught:
        strict.check(url)
    assert caught.value.parameter == "webhook_url"
    assert strict.send(url, MESSAGE).outcome is Outcome.FAILED
    assert receiver.got == []


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["93.184.215.14", "127.0.0.1"],
        ["127.0.0.1", "93.184.215.14"],
        ["::ffff:127.0.0.1"],
        ["fe80::1%eth0"],
    ],
)
def test_a_name_with_one_private_address_is_refused_whole(
    receiver: Receiver, addresses: list[str]
) -> None:
    strict = HttpWebhookSender(SECRET, resolve=Names(addresses), seconds=5.0)
    url = f"http://{NAME}:{receiver.port}/"
    with pytest.raises(InvalidParameter, match="public Internet"):
        strict.check(url)
    found = strict.send(url, MESSAGE)
    assert found.outcome is Outcome.FAILED
    assert "public Internet" in found.detail
    assert receiver.got == []


def test_a_name_that_turns_private_after_the_check_is_not_connected_to(receiver: Receiver) -> None:
    names = Names(["93.184.215.14"], ["127.0.0.1"])
    strict = HttpWebhookSender(SECRET, resolve=names, seconds=5.0)
    url = f"http://{NAME}:{receiver.port}/"
    strict.check(url)
    assert strict.send(url, MESSAGE).outcome is Outcome.FAILED
    assert receiver.got == []


def test_the_address_that_was_checked_is_the_one_connected_to(receiver: Receiver) -> None:
    names = Names(["127.0.0.1"], ["192.0.2.1"])
    found = sender(resolve=names).send(f"http://{NAME}:{receiver.port}/", MESSAGE)
    assert found.outcome is Outcome.DELIVERED
    assert names.asked == [(NAME, receiver.port)]
    assert receiver.got[0].headers["Host"] == f"{NAME}:{receiver.port}"


def test_the_next_address_of_a_name_is_tried_where_one_does_not_answer(receiver: Receiver) -> None:
    names = Names(["127.0.0.2", "127.0.0.1"])  # it listens on the second alone
    found = sender(resolve=names).send(f"http://{NAME}:{receiver.port}/", MESSAGE)
    assert found.outcome is Outcome.DELIVERED


def test_an_address_that_swallows_packets_does_not_keep_the_next_from_being_tried(
    receiver: Receiver,
) -> None:
    with socket.socket() as deaf, ExitStack() as callers:
        deaf.bind(("127.0.0.2", receiver.port))
        deaf.listen(0)
        for _ in range(4):  # its queue is full: the next one's packets are dropped
            caller = callers.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(("127.0.0.2", receiver.port))
        names = Names(["127.0.0.2", "127.0.0.1"])
        begun = time.monotonic()
        found = sender(resolve=names, seconds=3.0).send(f"http://{NAME}:{receiver.port}/", MESSAGE)
    assert found.outcome is Outcome.DELIVERED
    assert time.monotonic() - begun > 0.9


def test_a_name_without_an_address_is_refused_when_a_job_is_made() -> None:
    def resolve(host: str, _port: int) -> Sequence[str]:
        raise socket.gaierror(-2, f"{host} is not known")

    unknown = sender(resolve=resolve)
    with pytest.raises(InvalidParameter, match="has no address"):
        unknown.check(f"https://{NAME}/")
    assert unknown.send(f"https://{NAME}/", MESSAGE).outcome is Outcome.FAILED


@pytest.mark.parametrize("host", ["..", f"{'a' * 64}.com", "a..b"])
def test_a_host_that_no_name_can_be_is_refused(host: str) -> None:
    with pytest.raises(InvalidParameter, match="has no address"):
        sender().check(f"https://{host}/")


@given(st.ip_addresses(v=4, network="10.0.0.0/8") | st.ip_addresses(v=6, network="fc00::/7"))
def test_no_private_address_passes_the_check(address: object) -> None:
    strict = HttpWebhookSender(SECRET, resolve=Names([str(address)]))
    with pytest.raises(InvalidParameter, match="public Internet"):
        strict.check(f"https://{NAME}/")


def test_proxies_of_the_environment_are_not_taken(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert sender().send(receiver.url, MESSAGE).outcome is Outcome.DELIVERED


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for the name, and its key."""
    if shutil.which("openssl") is None:
        missing("openssl", "install it to test webhooks over TLS")
    folder = tmp_path_factory.mktemp("tls")
    file, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
            ),
            *("-nodes", "-keyout", str(key), "-out", str(file), "-days", "2"),
            *("-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"),
        ],
        check=True,
        capture_output=True,
    )
    return file, key


@pytest.mark.parametrize(("host", "is_right"), [(NAME, True), ("other.example.com", False)])
def test_the_certificate_must_be_for_the_name_and_not_for_the_address(
    certificate: tuple[Path, Path], host: str, *, is_right: bool
) -> None:
    file, key = certificate
    here = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    here.load_cert_chain(file, key)
    asked: list[str | None] = []
    here.sni_callback = lambda _socket, name, _context: asked.append(name)
    with receiving(here) as receiver:
        trusting = sender(resolve=Names(["127.0.0.1"]), tls=ssl.create_default_context(cafile=file))
        found = trusting.send(f"https://{host}:{receiver.port}/", MESSAGE)
    assert asked == [host]
    assert (found.outcome is Outcome.DELIVERED) == is_right
    assert len(receiver.got) == int(is_right)


def test_a_certificate_that_nobody_vouches_for_is_refused(
    certificate: tuple[Path, Path],
) -> None:
    here = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    here.load_cert_chain(*certificate)
    with receiving(here) as receiver:
        found = sender(resolve=Names(["127.0.0.1"])).send(
            f"https://{NAME}:{receiver.port}/", MESSAGE
        )
    assert found.outcome is Outcome.FAILED
    assert "certificate" in found.detail
    assert receiver.got == []
