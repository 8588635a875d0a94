"""Who a caller is, and whether they may do what they ask for."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from quoth.auth.forwarding import values_of
from quoth.auth.origins import Asked, Judgement, Policy, Verdict, judge
from quoth.auth.routes import needs
from quoth.auth.tickets import Redeemed
from quoth.domain.access_errors import AdminOnly, KeyRequired, ScopeMissing, UnusableKeys
from quoth.domain.errors import ForbiddenOrigin
from quoth.domain.jobs import LOCAL_OWNER
from quoth.domain.keys import EVERYDAY, PREFIX, ApiKey, Scope, find_key
from quoth.ports.keys import Change, KeyRing

_BEARER = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +(\S+) *")


class NoKeys:
    """A `KeyRing` of a server that has none: nobody but its own network is let in."""

    problem: str | None = None

    def keys(self) -> Sequence[ApiKey]:
        """Return nothing."""
        return ()

    def change(self, act: Change) -> None:
        """Refuse; see the port."""
        del act
        raise UnusableKeys("this server", "it was made without a place for any")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Args:
        judgement: what is asked of where they are.
        owner: whose jobs they see; None for somebody who shows no key and needs one.
        scopes: what they may do.
        key: the key they showed.
    """

    judgement: Judgement
    owner: str | None = None
    scopes: frozenset[Scope] = frozenset()
    key: ApiKey | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """Who may do what.

    Args:
        keys: of everybody.
        now: seconds since the epoch.
        policy: whom the server trusts.
        is_lan_admin: whether whoever needs no key may manage keys (`LAN_ADMIN`).
    """

    keys: KeyRing = field(default_factory=NoKeys)
    now: Callable[[], float] = time.time
    policy: Policy = field(default_factory=Policy)
    is_lan_admin: bool = False

    def recognise(self, asked: Asked, redeemed: Redeemed | None = None) -> Caller:
        """Say who asks, by their key or by what they showed in place of one.

        In a trusted network clients may send any text for a key, as many have to send one. One
        that looks like a key of ours and is not good is refused there, too: whoever sends it
        means to see their own jobs, not those of the network.

        Raises:
            ForbiddenOrigin: for a page or a name that may not ask.
            KeyRequired: if a key is shown that has to be good and is not.
        """
        judgement = judge(asked, self.policy)
        if judgement.verdict is Verdict.FORBIDDEN:
            raise ForbiddenOrigin(judgement.reason)
        is_trusted = judgement.verdict is Verdict.BYPASS
        shown = values_of(asked.headers, "authorization")
        if shown:
            token = _token(shown)
            key = None if token is None else find_key(self.keys.keys(), token, self.now())
            if key is not None:
                return Caller(judgement, key.id, key.scopes, key)
            if not is_trusted or (token or b"").startswith(PREFIX.encode("ascii")):
                raise KeyRequired
        elif redeemed is not None:
            return _instead_of_a_key(judgement, redeemed)
        if not is_trusted:
            return Caller(judgement)
        scopes = EVERYDAY | {Scope.ADMIN} if self.is_lan_admin else EVERYDAY
        return Caller(judgement, LOCAL_OWNER, scopes)

    def is_in_force(self, key: ApiKey) -> bool:
        """Whether a key that was good still is, and may do what it might."""
        return any(
            each.digest == key.digest and each.scopes >= key.scopes and each.is_good_at(self.now())
            for each in self.keys.keys()  # noqa: SIM118 - no dictionary
        )

    def admit(self, asked: Asked, path: str, redeemed: Redeemed | None = None) -> Caller:
        """Say who asks, if they may do what they ask for.

        Raises:
            ForbiddenOrigin: for a page or a name that may not ask.
            KeyRequired: if a key is needed and none that is good is shown.
            ScopeMissing, AdminOnly: if they may not do that.
        """
        needed = needs(asked.method, path)
        try:
            caller = self.recognise(asked, redeemed)
        except KeyRequired:
            if needed is not None or path == WHOAMI:
                raise
            return Caller(judge(asked, self.policy))
        if needed is None:
            return caller
        if caller.owner is None:
            raise KeyRequired
        if missing := needed - caller.scopes:
            raise AdminOnly if caller.key is None else ScopeMissing(", ".join(sorted(missing)))
        return caller


WHOAMI = "/v1/whoami"


def _instead_of_a_key(judgement: Judgement, redeemed: Redeemed) -> Caller:
    key = redeemed.key
    if key is None:
        raise KeyRequired
    scopes = key.scopes & {Scope.READ} if redeemed.is_session else key.scopes
    return Caller(judgement, key.id, scopes, key)


def _token(shown: list[str]) -> bytes | None:
    """Return the key of a request; None if it does not show exactly one."""
    if len(shown) != 1 or (found := _BEARER.fullmatch(shown[0])) is None:
        return None
    return found[1].encode("latin-1")
