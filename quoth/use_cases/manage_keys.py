"""Making and revoking keys. A key is shown once, when it is made."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from quoth.domain.access_errors import KeyNotFound
from quoth.domain.errors import InvalidParameter
from quoth.domain.keys import EVERYDAY, PREFIX, ApiKey, Quotas, Scope, digest_of_key
from quoth.ports.keys import KeyRing

KEY_BYTES = 32
ID_BYTES = 8
LONGEST_NAME = 100
UNLIMITED = Quotas()


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made."""

    key: ApiKey
    secret: str


@dataclass(frozen=True, slots=True)
class ManageKeys:
    """Keys of everybody.

    Args:
        ring: where they are.
        now: seconds since the epoch.
    """

    ring: KeyRing
    now: Callable[[], float]

    def create(
        self,
        name: str,
        scopes: frozenset[Scope] = EVERYDAY,
        expires_in: float | None = None,
        quotas: Quotas = UNLIMITED,
    ) -> NewKey:
        """Make a key.

        Args:
            name: what it is for.
            scopes: what it may do.
            expires_in: seconds; None for never.
            quotas: how much it may use.

        Raises:
            InvalidParameter: if it cannot be so.
            UnusableKeys: if it cannot be written down.
        """
        name = _checked(name)
        if not scopes:
            raise InvalidParameter("scopes", "are missing: a key without any opens nothing")
        if expires_in is not None and not expires_in > 0:
            raise InvalidParameter("expires_in", "has to be more than 0 seconds")
        now, secret = self.now(), _secret()
        key = ApiKey(
            f"key_{secrets.token_hex(ID_BYTES)}",
            name,
            digest_of_key(secret.encode("ascii")),
            scopes,
            now,
            None if expires_in is None else now + expires_in,
            quotas,
        )
        self.ring.change(lambda keys: [*keys, key])
        return NewKey(key, secret)

    def find(self) -> Sequence[ApiKey]:
        """Return all keys, without what opens anything."""
        return self.ring.keys()

    def revoke(self, key_id: str) -> ApiKey:
        """Take a key back; what belongs to it stays, and nobody but a backup gets at it.

        Raises:
            KeyNotFound: if there is none.
        """
        revoked: list[ApiKey] = []

        def without(keys: Sequence[ApiKey]) -> Sequence[ApiKey]:
            revoked[:] = [_named(keys, key_id)]
            return [key for key in keys if key.id != key_id]

        self.ring.change(without)
        return revoked[0]

    def rotate(self, key_id: str) -> NewKey:
        """Give a key another secret; its id, and all that belongs to it, stay.

        Raises:
            KeyNotFound: if there is none.
        """
        secret = _secret()
        rotated: list[ApiKey] = []

        def with_other(keys: Sequence[ApiKey]) -> Sequence[ApiKey]:
            digest = digest_of_key(secret.encode("ascii"))
            rotated[:] = [replace(_named(keys, key_id), digest=digest, is_plain=False)]
            return [rotated[0] if key.id == key_id else key for key in keys]

        self.ring.change(with_other)
        return NewKey(rotated[0], secret)

    def convert(self) -> int:
        """Keep only the hashes of keys in plain text; return how many there were."""
        converted: list[ApiKey] = []

        def hashed(keys: Sequence[ApiKey]) -> Sequence[ApiKey]:
            converted[:] = [key for key in keys if key.is_plain]
            return [replace(key, is_plain=False) for key in keys]

        self.ring.change(hashed)
        return len(converted)


def _secret() -> str:
    return PREFIX + secrets.token_urlsafe(KEY_BYTES)


def _checked(name: str) -> str:
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        problem = f"has to be 1 to {LONGEST_NAME} characters that can be shown"
        raise InvalidParameter("name", problem)
    return name


def _named(keys: Sequence[ApiKey], key_id: str) -> ApiKey:
    for key in keys:
        if key.id == key_id:
            return key
    raise KeyNotFound(key_id)
