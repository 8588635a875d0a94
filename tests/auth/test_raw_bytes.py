"""Whatever bytes come to the edge without a key, nobody passes."""

import asyncio

import pytest

from tests.auth.raw_bytes import Listener, try_requests
from tests.auth.test_gate import SECRET

REQUESTS = 5000


@pytest.mark.slow
def test_no_bytes_without_a_key_pass_the_edge() -> None:
    outcome = try_requests(REQUESTS)
    assert outcome.passed == []
    assert outcome.requests == REQUESTS
    assert outcome.decided > REQUESTS / 4, "hardly any reached the gate"


def test_with_a_key_the_same_way_lets_in() -> None:
    head = b"GET /v1/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n"
    with asyncio.Runner() as runner:
        listener = Listener(runner)
        assert listener.statuses(head % SECRET) == [200]
        assert listener.statuses(head % b"x") == [401]
