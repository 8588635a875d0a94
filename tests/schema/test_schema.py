"""Whatever the OpenAPI document allows or forbids to send: no 5xx, and nothing without a key."""

from pathlib import Path

import pytest

from tests.schema.cases import try_cases

CASES = 2000


@pytest.mark.slow
@pytest.mark.timeout(900)  # a minute of processor time, on whatever else is busy
def test_no_request_of_the_document_breaks_the_server_or_gets_in_without_a_key(
    tmp_path: Path,
) -> None:
    outcome = try_cases(CASES, tmp_path)
    assert not outcome.wrong
    assert outcome.cases >= CASES
    assert outcome.good > CASES / 5, "hardly anything was asked that can be done"
    assert outcome.refused > CASES / 5
