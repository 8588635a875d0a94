"""The secret that webhooks are signed with: given, or made once and kept."""

import base64
import binascii
import os
import secrets
from pathlib import Path
from uuid import uuid4

from quoth.domain.errors import InvalidParameter

PREFIX = "whsec_"
SECRET_BYTES = 32
FEWEST_BYTES, MOST_BYTES = 24, 64
"""Of a secret, as the Standard Webhooks specification has it."""
FILE = "webhook-secret"


def secret_file(data: Path) -> Path:
    """Return where a secret that was made is kept."""
    return data / FILE


def checked(secret: str) -> str:
    """Return a secret as it was given.

    Raises:
        InvalidParameter: if it is none; the message does not repeat it.
    """
    encoded = secret.removeprefix(PREFIX)
    try:
        # Some tools leave the padding out, as the libraries of receivers allow.
        content = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if not secret.startswith(PREFIX) or not FEWEST_BYTES <= len(content) <= MOST_BYTES:
        raise InvalidParameter(
            "WEBHOOK_SECRET",
            f"is {PREFIX} and the base64 of {FEWEST_BYTES} to {MOST_BYTES} random bytes; "
            "leave it unset and one is made",
        )
    return secret


def kept_secret(data: Path) -> str:
    """Return the secret kept in a data folder, made if there is none; readable by its owner only.

    Raises:
        InvalidParameter: if the file holds none.
        OSError: if it can be neither read nor made.
    """
    path = secret_file(data)
    if not path.exists():
        _make(path)
    return checked(path.read_text("ascii", errors="replace").strip())


def _make(path: Path) -> None:
    """Write a new secret, whole or not at all, and leave one alone that another just wrote."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{uuid4().hex}")
    secret = PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:  # noqa: PTH123
            file.write(f"{secret}\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(part, path)
        except FileExistsError:
            return
        except OSError:  # some shared folders know no links
            part.rename(path)
    finally:
        part.unlink(missing_ok=True)
