"""References of known speakers, which come as data URLs among the fields of a form."""

import base64
import binascii
import re
from pathlib import Path

from quoth.api.forms import TranscriptionForm
from quoth.domain.errors import InvalidParameter
from quoth.use_cases.known_speakers import PARAMETER
from quoth.use_cases.requests import KnownSpeaker

_DATA_URL = re.compile(r"data:[^,]*;base64,", re.IGNORECASE)


def save_references(form: TranscriptionForm, folder: Path) -> tuple[KnownSpeaker, ...]:
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
