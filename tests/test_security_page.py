"""docs/security.md names a test for each threat: they are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROWS = [
    [cell.strip() for cell in line.strip("|\n").split("|")]
    for line in (ROOT / "docs" / "security.md").read_text("utf-8").splitlines()
    if re.match(r"\| \d+ \|", line)
]
FUNCTIONS = frozenset(
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
)


def test_at_least_twenty_threats_are_numbered_one_by_one() -> None:
    assert len(ROWS) >= 20
    assert [int(row[0]) for row in ROWS] == list(range(1, len(ROWS) + 1))


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_every_threat_has_a_test_that_there_is(row: list[str]) -> None:
    *_, tests = row
    named = re.findall(r"`([^`]+)`", tests)
    assert named, "no test is named"
    for name in named:
        if name.startswith("tests/"):
            path = ROOT / name
            found = [path] if path.is_file() else list(path.rglob("test_*.py"))
            assert found, name
        else:
            assert name in FUNCTIONS, name
