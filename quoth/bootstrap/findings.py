"""What an examination finds, line by line."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from quoth.config import Settings


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    NOTE = "note"
    """It works, and could be better."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it is, and what to do where it is not well."""

    subject: str
    level: Level
    told: str
    cure: str | None = None


Check: TypeAlias = Callable[[Settings], Iterator[Finding]]


def parted(message: str) -> tuple[str, str | None]:
    """Part an error's message into what is wrong and what to do, as our errors are built."""
    told, _, cure = message.partition(". ")
    return told, cure or None
