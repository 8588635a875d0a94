"""Which engine is taken, why, and what would be better. Nothing is downloaded."""

from collections.abc import Mapping
from dataclasses import dataclass

from quoth.adapters.sherpa.model_files import PREFERRED
from quoth.bootstrap.engines import Engine, FoundModel
from quoth.domain.errors import EngineUnavailable, UnknownModel

AUTO = "auto"
_BETTER = {
    "whisper": f"More exact in 25 European languages: quoth models pull {PREFERRED[0]}",
}
"""What `auto` advises where it took an engine that is not the best there is."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The engine that was taken.

    Args:
        found: its model.
        reason: why it, in one sentence.
        advice: the command that brings a better one, None where there is none.
        is_automatic: whether nobody asked for it by name.
    """

    found: FoundModel
    reason: str
    advice: str | None = None
    is_automatic: bool = False

    def __str__(self) -> str:
        """Say it all."""
        info = self.found.info
        told = f"Engine {info.engine}, model {info.model}, on {info.device}. {self.reason}"
        return f"{told} {self.advice}" if self.advice else told


def choose(asked: str, engines: Mapping[str, Engine]) -> Choice:
    """Take the engine that was asked for, or for `auto` the best that is here.

    Raises:
        EngineUnavailable, UnknownModel: if it, or the last there is, is not usable.
    """
    if asked == AUTO:
        return _best(engines)
    if asked not in engines:
        raise EngineUnavailable(
            asked, "there is none of that name", f"Known: {', '.join(engines)}."
        )
    return Choice(engines[asked].configured(), f"ENGINE={asked} asks for it.")


def _best(engines: Mapping[str, Engine]) -> Choice:
    *better, last = engines
    refusals = []
    for name in better:
        try:
            found = engines[name].best()
        except (EngineUnavailable, UnknownModel) as error:
            refusals.append(str(error))
            continue
        return Choice(found, _why([*refusals, "It is the best that is here."]), None, True)
    found = engines[last].best()
    return Choice(found, _why(refusals), _BETTER.get(last), True)


def _why(reasons: list[str]) -> str:
    return " ".join(reasons)
