"""What a caller has to be allowed for each address: one table, the first line that fits decides."""

import re
from dataclasses import dataclass

from quoth.domain.keys import Scope

_LOOKS = frozenset({"GET", "HEAD"})
_OPEN = (
    r"(?!.*/\.\.?(?:/|\Z))"  # what leads elsewhere for who follows dots is open to nobody
    r"(?:/|/index\.html|/assets/.+|/favicon\.(?:ico|svg)|/manifest\.webmanifest"
    r"|/health(?:/.*)?|/v1/models(?:/.*)?|/v1/whoami|/v1/shares/.+)"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """What one kind of request needs.

    Args:
        methods: of HTTP; None for all.
        path: what the whole path fits.
        needs: scopes, empty for whoever has any key; None where nobody is asked for one.
    """

    methods: frozenset[str] | None
    path: re.Pattern[str]
    needs: frozenset[Scope] | None

    def fits(self, method: str, path: str) -> bool:
        """Whether it is about a request."""
        is_method = self.methods is None or method in self.methods
        return is_method and self.path.fullmatch(path) is not None


def _paths(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL)


RULES: tuple[Rule, ...] = (
    Rule(_LOOKS, _paths(_OPEN), None),
    Rule(None, _paths(_OPEN), frozenset()),
    Rule(None, _paths(r"/v1/(?:tickets|session)"), frozenset()),  # no more than the key may
    Rule(None, _paths(r"/v1/keys(?:/.*)?"), frozenset({Scope.ADMIN})),
    Rule(_LOOKS, _paths(r"/v1/jobs(?:/.*)?"), frozenset({Scope.READ})),
    Rule(frozenset({"DELETE"}), _paths(r"/v1/jobs/[^/]+"), frozenset({Scope.DELETE})),
    Rule(
        None,  # these show a transcript, or let others see it
        _paths(r"/v1/jobs/[^/]+/(?:edits|shares|rediarize)(?:/.*)?"),
        frozenset({Scope.READ, Scope.TRANSCRIBE}),
    ),
    Rule(
        None, _paths(r"/v1/(?:audio|uploads|jobs|realtime)(?:/.*)?"), frozenset({Scope.TRANSCRIBE})
    ),
    Rule(_LOOKS, _paths(r".*"), frozenset({Scope.READ})),
    Rule(None, _paths(r".*"), frozenset({Scope.ADMIN})),
)


def needs(method: str, path: str) -> frozenset[Scope] | None:
    """Return the scopes that a request needs; None where nobody is asked who they are."""
    return next(rule.needs for rule in RULES if rule.fits(method, path))
