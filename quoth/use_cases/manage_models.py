"""Pull, verify and remove models."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from quoth.domain.catalogue import Model, PackagedSource
from quoth.domain.errors import InvalidParameter
from quoth.domain.model_locks import ModelLock, Presence
from quoth.ports.model_store import ModelFetcher, ModelStore, Observe


@dataclass(frozen=True, slots=True)
class Pulled:
    """The outcome of a pull: where the model is, and whether it had to be fetched."""

    folder: Path | None
    is_new: bool


class ManageModels:
    """What `quoth models` does.

    Args:
        models: those that can be asked for.
        store: where they are kept.
        fetcher: where they come from.
    """

    def __init__(self, models: Sequence[Model], store: ModelStore, fetcher: ModelFetcher) -> None:
        self.models = tuple(models)
        self._store = store
        self._fetcher = fetcher

    def presence(self, model: Model) -> Presence:
        """Say whether a model is on this machine."""
        return self._store.presence(model)

    def pull(self, model: Model, observe: Observe) -> Pulled:
        """Make sure a model is here and whole.

        One that is here already is read and compared with its lock; only what is damaged or
        missing is fetched.

        Raises:
            ModelError: if it cannot be done; what was fetched and is not corrupt is kept.
        """
        presence = self.presence(model)
        if presence is Presence.PACKAGED:
            return Pulled(None, is_new=False)
        if presence is Presence.PULLED and not self._store.problems(model, observe):
            return Pulled(None, is_new=False)
        with self._store.staging(model) as folder:
            sources = [
                self._fetcher.fetch(model, source, folder, observe)
                for source in model.sources
                if not isinstance(source, PackagedSource)
            ]
            return Pulled(
                self._store.install(model, ModelLock(model.name, tuple(sources))), is_new=True
            )

    def verify(self, model: Model, observe: Observe) -> list[str]:
        """Read all files of a model and say what is wrong; an empty list if nothing is.

        Raises:
            InvalidParameter: if it is not here.
            NotInstalledByQuoth, DamagedLock: if nobody knows what belongs to it.
        """
        if self.presence(model) in {Presence.ABSENT, Presence.BEGUN}:
            raise _not_here(model)
        return self._store.problems(model, observe)

    def remove(self, model: Model) -> list[Path]:
        """Remove a model, or what an unfinished pull has left; return what is not ours.

        Raises:
            InvalidParameter: if it is not here, or came along with Quoth.
            ModelError: if it was not installed by a pull, or is being pulled.
        """
        check_removable(model, self.presence(model))
        return self._store.remove(model)


def check_removable(model: Model, presence: Presence) -> None:
    """Refuse to remove what is not here and what came along with Quoth.

    Raises:
        InvalidParameter: for both.
    """
    refusals: dict[Presence, Callable[[Model], InvalidParameter]] = {
        Presence.PACKAGED: _is_packaged,
        Presence.ABSENT: _not_here,
    }
    if presence in refusals:
        raise refusals[presence](model)


def _not_here(model: Model) -> InvalidParameter:
    return InvalidParameter(
        "NAME",
        f"{model.name} is not on this machine; fetch it with: quoth models pull {model.name}",
    )


def _is_packaged(model: Model) -> InvalidParameter:
    return InvalidParameter(
        "NAME", f"{model.name} came along with Quoth and cannot be removed by itself"
    )
