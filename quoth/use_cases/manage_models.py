"""Which models are here; fetching, checking and removing them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from quoth.domain.catalogue import (
    CatalogueModel,
    PackagedSource,
    Source,
    catalogue_model,
)
from quoth.domain.errors import NoRoomForModel, NotRemovable
from quoth.ports.model_store import ModelLock, ModelSource, ModelStore
from quoth.ports.progress import Progress, unobserved

SPARE_BYTES = 200_000_000
"""Room left on the disk beside a model, for everything else."""


@dataclass(frozen=True, slots=True)
class ModelState:
    """A model and whether it is here."""

    model: CatalogueModel
    is_installed: bool


@dataclass(frozen=True, slots=True)
class Pulled:
    """What came of fetching: the lock, and whether it was here already, whole."""

    lock: ModelLock
    was_here: bool


@dataclass(frozen=True, slots=True)
class ManageModels:
    """The models of one installation.

    Args:
        store: where they are.
        sources: what fetches from each kind of source.
        packaged_damage: what is wrong with a packaged model, in words.
        catalogue: those that can be fetched, by name.
    """

    store: ModelStore
    sources: Mapping[type[Source], ModelSource]
    packaged_damage: Callable[[PackagedSource], Sequence[str]]
    catalogue: Mapping[str, CatalogueModel]

    def states(self) -> list[ModelState]:
        """Return every model of the catalogue, and whether it is here."""
        return [ModelState(model, self.is_here(model)) for model in self.catalogue.values()]

    def is_here(self, model: CatalogueModel) -> bool:
        """Tell whether a model can be used right now."""
        return model.is_packaged or self.store.is_installed(model.name)

    def pull(self, name: str, progress: Progress = unobserved, *, force: bool = False) -> Pulled:
        """Fetch a model, or what is missing of it, check it, and install it whole.

        One that is here and whole is left alone; one that is damaged is fetched again, and
        stays as it is until its successor is there.

        Raises:
            UnknownModel: if no model is called that.
            NoRoomForModel: if the disk cannot hold it.
            DownloadError: if it cannot be had.
            Cancelled: if `progress` raised it; what was fetched is kept for the next time.
        """
        model = self.model(name)
        if isinstance(model.source, PackagedSource):
            return Pulled(ModelLock(name, str(model.source), "", {}), was_here=True)
        lock = self.store.lock_of(name)
        if lock is not None and not force and not self.store.damage(name, unobserved):
            return Pulled(lock, was_here=True)
        source = self.sources[type(model.source)]
        with self.store.fetching(name) as partial:
            needed = source.space_needed(model, partial) + SPARE_BYTES
            if (free := self.store.free_bytes()) < needed:
                raise NoRoomForModel(str(self.store.folder), needed, free)
            lock = source.fetch(model, partial, progress)
            self.store.install(lock, partial)
        return Pulled(lock, was_here=False)

    def verify(self, name: str, progress: Progress = unobserved) -> Sequence[str]:
        """Return what is wrong with a model that is here, in words; nothing if it is whole.

        Raises:
            UnknownModel: if no model is called that.
        """
        model = self.model(name)
        if isinstance(model.source, PackagedSource):
            return self.packaged_damage(model.source)
        if not self.store.is_installed(name):
            return [f"it is not here. Fetch it with: quoth models pull {name}"]
        return self.store.damage(name, progress)

    def remove(self, name: str) -> None:
        """Delete a model that was fetched; `pull` brings it back.

        Raises:
            UnknownModel: if no model is called that.
            NotRemovable: if it is packaged, not here, or Quoth did not fetch it.
        """
        model = self.model(name)
        if isinstance(model.source, PackagedSource):
            raise NotRemovable(name, f"it belongs to the package {model.source.package}")
        self.store.remove(name)

    def model(self, name: str) -> CatalogueModel:
        """Return a model of the catalogue.

        Raises:
            UnknownModel: if no model is called that; the message lists those there are.
        """
        return self.catalogue[name] if name in self.catalogue else catalogue_model(name)
