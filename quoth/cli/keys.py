"""Make, list and revoke keys, and say what happened."""

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from quoth.bootstrap.access import key_ring, manage_keys
from quoth.cli.exits import complain
from quoth.config import Settings
from quoth.domain.errors import InvalidParameter
from quoth.domain.keys import EVERYDAY, ApiKey, Quotas, Scope
from quoth.use_cases.manage_keys import NewKey

DAY_SECONDS = 86_400.0


def run_create(
    name: str,
    scopes: Sequence[str],
    days: float | None,
    quotas: tuple[float | None, int | None, int | None],
    *,
    as_json: bool,
) -> None:
    """Make a key and show it."""
    if any(each is not None and each < 0 for each in quotas):
        raise InvalidParameter("quotas", "cannot be less than 0")
    made = manage_keys(Settings()).create(
        name,
        frozenset(map(_scope, scopes)) or EVERYDAY,
        None if days is None else days * DAY_SECONDS,
        Quotas(*quotas),
    )
    _show(made, as_json=as_json)


def run_list(*, as_json: bool) -> None:
    """Show all keys."""
    ring = key_ring(Settings())
    ring.load()
    keys = ring.keys()
    if as_json:
        sys.stdout.write(json.dumps([_document(key) for key in keys], indent=1) + "\n")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("id", "name", "may", "made", "expires", "kept as"):
        table.add_column(column)
    for key in keys:
        scopes, kept = ", ".join(sorted(key.scopes)), "plain text" if key.is_plain else "hash"
        table.add_row(key.id, key.name, scopes, _day(key.created), _day(key.expires), kept)
    Console(soft_wrap=True).print(table)
    if not keys:
        complain(f"there are no keys in {ring.path}: `quoth keys create NAME` makes one.")


def run_revoke(key_id: str) -> None:
    """Take a key back."""
    revoked = manage_keys(Settings()).revoke(key_id)
    sys.stdout.write(f"{revoked.id} ({revoked.name}) opens nothing any more.\n")


def run_rotate(key_id: str, *, as_json: bool) -> None:
    """Give a key another secret and show it."""
    _show(manage_keys(Settings()).rotate(key_id), as_json=as_json)


def run_convert() -> None:
    """Keep only hashes."""
    settings = Settings()
    number = manage_keys(settings).convert()
    sys.stdout.write(f"{number} keys in plain text are hashes now: {key_ring(settings).path}\n")


def _show(made: NewKey, *, as_json: bool) -> None:
    if as_json:
        document = _document(made.key) | {"key": made.secret}
        sys.stdout.write(json.dumps(document, indent=1) + "\n")
        return
    sys.stdout.write(f"{made.secret}\n")
    complain(f"this is {made.key.id} ({made.key.name}). It is shown this once: keep it safe.")


def _document(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "created_at": key.created,
        "expires_at": key.expires,
        "is_plain": key.is_plain,
    }


def _scope(text: str) -> Scope:
    try:
        return Scope(text)
    except ValueError:
        known = ", ".join(Scope)
        raise InvalidParameter("scope", f"{text!r} is none: they are {known}") from None


def _day(time: float | None) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d") if time else "-"
