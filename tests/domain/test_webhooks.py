"""URLs that webhooks go to, and what they say."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quoth.domain.errors import InvalidParameter
from quoth.domain.jobs import Failure, JobStatus
from quoth.domain.webhooks import WebhookUrl, message_of
from tests.job_rows import NAME, NOW, a_job


@pytest.mark.parametrize(
    ("text", "expected", "authority"),
    [
        ("https://example.com", WebhookUrl("https", "example.com", 443, "/"), "example.com"),
        ("HTTP://Example.com:8080/a?b#c", WebhookUrl("http", "example.com", 8080, "/a?b"), ":8080"),
        ("https://[2606::1]/x", WebhookUrl("https", "2606::1", 443, "/x"), "[2606::1]"),
        ("http://[2606::1]:81", WebhookUrl("http", "2606::1", 81, "/"), "[2606::1]:81"),
        ("http://example.com:80/", WebhookUrl("http", "example.com", 80, "/"), "example.com"),
    ],
)
def test_a_url_is_taken_apart(text: str, expected: WebhookUrl, authority: str) -> None:
    found = WebhookUrl.parse(text)
    assert found == expected
    assert found.authority.endswith(authority)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is no URL"),
        ("ftp://example.com/", "neither http"),
        ("file:///etc/passwd", "neither http"),
        ("//example.com/", "neither http"),
        ("example.com/hook", "neither http"),
        ("https://user:password@example.com/", "user name or password"),
        ("https://@example.com/", "user name or password"),
        ("https:///path", "host or port"),
        ("https://example.com:0/", "host or port"),
        ("https://example.com:99999/", "host or port"),
        ("https://example.com:x/", "host or port"),
        ("https://[::1/", "host or port"),
        ("https://[fe80::1%25eth0]/", "host or port"),
        ("https://example.com\\@internal/", "encode"),
        ("https://example.com/a b", "encode"),
        ("https://example.com/\r\nX: y", "encode"),
        ("https://bücher.example/", "encode"),
        (f"https://example.com/{'a' * 2048}", "longer than"),
    ],
)
def test_a_url_that_nothing_can_be_sent_to_is_refused_by_name(text: str, complaint: str) -> None:
    with pytest.raises(InvalidParameter, match=complaint) as caught:
        WebhookUrl.parse(text)
    assert caught.value.parameter == "webhook_url"
    assert "password@" not in str(caught.value)


@given(st.text(max_size=60) | st.text("http://[]:@%.0x1a\\?#", max_size=40).map("http://{}".format))
def test_any_text_is_a_url_with_a_plain_host_or_refused(text: str) -> None:
    try:
        found = WebhookUrl.parse(text)
    except InvalidParameter:
        return
    assert found.host
    assert not set(found.host) & set("@/\\?#[]% ")
    assert 0 < found.port < 65536
    assert found.target.startswith("/") or "?" in found.target


def test_a_message_says_what_became_of_a_job_and_nothing_that_was_said_in_it() -> None:
    failure = Failure("It broke.", "broken")
    job = a_job(
        "https://example.com/secret", status=JobStatus.FAILED, finished=NOW + 2.5, failure=failure
    )
    message = message_of(job)
    assert message.id == job.run
    assert message.content == {
        "type": "job.failed",
        "timestamp": "2027-01-15T08:00:02.500Z",
        "data": {
            "id": job.id,
            "name": NAME,
            "status": "failed",
            "attempt": 1,
            "duration": 61.5,
            "created": NOW,
            "started": None,
            "finished": NOW + 2.5,
            "failure": {"message": "It broke.", "code": "broken"},
        },
    }
    assert "secret" not in json.dumps(message.content)


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_each_ending_has_an_event(status: str) -> None:
    job = a_job(status=JobStatus(status), finished=NOW)
    assert message_of(job).content["type"] == f"job.{status}"
