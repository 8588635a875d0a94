"""Addresses that open something, so that they are written down nowhere."""

import logging
import re

SHARES = "/v1/shares"
_WORDS = re.compile(r"([?&]q=)[^&#\s]+")
_TICKET = re.compile(r"([?&]ticket=)[^&#\s]+")
_KEY = re.compile(r"quoth_[\w%-]{8,}")  # where no key belongs, and somebody put one
_TOKEN = re.compile(rf"({SHARES}/)[^/?#\s]+")


def without_token(path: str) -> str:
    """Return an address as it may stand in a log, also without the words that were looked for."""
    path = _TICKET.sub(r"\1[ticket]", path)
    path = _KEY.sub("[key]", path)
    return _WORDS.sub(r"\1[words]", _TOKEN.sub(r"\1[token]", path))


class HideTokens(logging.Filter):
    """Takes tokens out of the lines of a log."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every line pass, changed where need be."""
        if isinstance(record.args, tuple):
            record.args = tuple(
                without_token(each) if isinstance(each, str) else each for each in record.args
            )
        return True


_HIDE = HideTokens()


def keep_out_of_access_log() -> None:
    """Let uvicorn write addresses down without their tokens; again is no harm.

    It writes those of WebSockets into its other log.
    """
    for name in ("uvicorn.access", "uvicorn.error"):
        logging.getLogger(name).addFilter(_HIDE)
