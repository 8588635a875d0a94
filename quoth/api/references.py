"""References of known speakers, which come as data URLs among the fields of a form."""

import base64
import binascii
import re
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field

from quoth.domain.errors import InvalidParameter
from quoth.use_cases.known_speakers import PARAMETER
from quoth.use_cases.requests import KnownSpeaker

_DATA_URL = re.compile(r"data:[^,]*;base64,", re.IGNORECASE)


class KnownSpeakersForm(BaseModel):
    """The fields of a form that are about known speakers."""

    known_speaker_names: list[Annotated[str, Field(min_length=1, max_length=100)]] = Field(
        default_factory=list[str],
        max_length=4,
        description="What to call up to four speakers, one for each reference.",
    )
    known_speaker_references: list[str] = Field(
        default_factory=list[str],
        max_length=4,
        description="A data URL with 2 to 10 s of each voice alone: `data:audio/wav;base64,...`.",
    )


def check_together(form: KnownSpeakersForm) -> None:
    """See that each name has its reference.

    Raises:
        InvalidParameter: if not, or if two have the same name.
    """
    names, references = form.known_speaker_names, form.known_speaker_references
    if len(names) != len(references):
        raise InvalidParameter(
            "known_speaker_names",
            f"({len(names)}) and known_speaker_references ({len(references)}) have to be as many",
        )
    if len(set(names)) < len(names):
        raise InvalidParameter("known_speaker_names", "cannot have the same name twice")


def save_references(form: KnownSpeakersForm, folder: Path) -> tuple[KnownSpeaker, ...]:
    """Write the references of a form to files.

    Raises:
        InvalidParameter: if one is no data URL, or has no bytes.
    """
    known = []
    pairs = zip(form.known_speaker_names, form.known_speaker_references, strict=True)
    for number, (name, url) in enumerate(pairs, start=1):
        path = folder / f"reference-{number}"
        path.write_bytes(_content(url, name))
        known.append(KnownSpeaker(name, path))
    return tuple(known)


def _content(url: str, name: str) -> bytes:
    if (head := _DATA_URL.match(url)) is None:
        raise InvalidParameter(
            PARAMETER, f"of {name!r} is no data URL: send data:audio/wav;base64,..."
        )
    try:
        content = base64.b64decode("".join(url[head.end() :].split()), validate=True)
    except binascii.Error as error:
        problem = str(error).rstrip(".").lower()
        raise InvalidParameter(PARAMETER, f"of {name!r} is not in base64: {problem}") from None
    if not content:
        raise InvalidParameter(PARAMETER, f"of {name!r} is empty")
    return content
