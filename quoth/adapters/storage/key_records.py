"""Keys as JSON and back, and the form they once had, written by hand."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, fields
from re import compile as pattern
from typing import Any

from quoth.domain.keys import ApiKey, Quotas, Scope, digest_of_key

FIELDS = frozenset({"id", "name", "sha256", "scopes", "created", "expires", "quotas"})
SHA256 = pattern(r"[0-9a-f]{64}")
ID = pattern(r"[A-Za-z0-9_.-]{1,64}")
QUOTAS = frozenset(field.name for field in fields(Quotas))


class WrongRecord(ValueError):
    """Raised for what is no key; says what is wrong, and never a key."""


def record_of(key: ApiKey) -> dict[str, Any]:
    """Return a key as it is written; one that was plain is so no more."""
    quotas = {name: value for name, value in asdict(key.quotas).items() if value is not None}
    return {
        "id": key.id,
        "name": key.name,
        "sha256": key.digest,
        "scopes": sorted(key.scopes),
        "created": key.created,
        "expires": key.expires,
        "quotas": quotas,
    }


def keys_of(content: object) -> tuple[ApiKey, ...]:
    """Return the keys of a file: `{"keys": [...]}`, a list, or names with their plain keys.

    Raises:
        WrongRecord: if it is none of these, with what is wrong.
    """
    keys = tuple(_key(name, entry) for name, entry in _entries(content))
    for what, counted in (
        ("id", Counter(key.id for key in keys)),
        ("key", Counter(key.digest for key in keys)),
    ):
        if twice := [each for each, number in counted.items() if number > 1]:
            shown = repr(twice[0]) if what == "id" else "of one key"
            raise WrongRecord(f"it has the {what} {shown} twice")
    return keys


def _entries(content: object) -> Iterator[tuple[str, object]]:
    if isinstance(content, dict) and "keys" in content:
        content = content["keys"]
    if isinstance(content, dict):
        yield from content.items()
    elif isinstance(content, list):
        yield from ((f"key {number}", entry) for number, entry in enumerate(content, start=1))
    else:
        raise WrongRecord('it is not as {"keys": [...]}')


def _key(name: str, entry: object) -> ApiKey:
    if isinstance(entry, str):
        return _plain(name, entry)
    if not isinstance(entry, dict):
        raise WrongRecord(f"{name} is no key")
    if isinstance(entry.get("key"), str):
        return _plain(str(entry.get("name", name)), entry["key"])
    if unknown := set(entry) - FIELDS:
        raise WrongRecord(f"{name} has {min(map(str, unknown))!r}, which means nothing here")
    key_id, digest = entry.get("id"), entry.get("sha256")
    if not (isinstance(key_id, str) and ID.fullmatch(key_id)):
        raise WrongRecord(f"{name} has no id of letters, digits, '_', '.' and '-'")
    if not (isinstance(digest, str) and SHA256.fullmatch(digest)):
        raise WrongRecord(f"{name} has no sha256 of 64 hexadecimal digits")
    return ApiKey(
        key_id,
        str(entry.get("name", key_id)),
        digest,
        _scopes(name, entry.get("scopes")),
        _number(name, "created", entry.get("created")) or 0.0,
        _number(name, "expires", entry.get("expires")),
        _quotas(name, entry.get("quotas") or {}),
    )


def _plain(name: str, key: str) -> ApiKey:
    if not key.strip():
        raise WrongRecord(f"{name} is empty, which would let everybody in")
    digest = digest_of_key(key.encode("utf-8"))
    return ApiKey(f"key_{digest[:16]}", name, digest, is_plain=True)


def _scopes(name: str, written: object) -> frozenset[Scope]:
    known = {scope.value: scope for scope in Scope}
    if not isinstance(written, list) or not all(each in known for each in written):
        raise WrongRecord(f"{name} has scopes that are none: they are {', '.join(known)}")
    return frozenset(known[each] for each in written)


def _quotas(name: str, written: object) -> Quotas:
    if not isinstance(written, dict) or set(written) - QUOTAS:
        raise WrongRecord(f"{name} has quotas that are none: they are {', '.join(sorted(QUOTAS))}")
    for quota, value in written.items():
        number = _number(name, f"a quota {quota}", value)
        if number is None or not 0 <= number < float("inf"):
            raise WrongRecord(f"{name} has a quota {quota} that cannot be")
    return Quotas(**written)


def _number(name: str, what: str, value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WrongRecord(f"{name} has {what} that is no number")
    return float(value)
