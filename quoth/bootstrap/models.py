"""The object graph behind `quoth models`."""

from quoth.adapters.weights.archives import ArchiveFetcher
from quoth.adapters.weights.hub import HubFetcher
from quoth.adapters.weights.packaged import packaged_damage
from quoth.adapters.weights.store import FolderStore
from quoth.config import Settings
from quoth.domain.catalogue import CATALOGUE, ArchiveSource, HubSource
from quoth.use_cases.manage_models import ManageModels


def manage_models(settings: Settings) -> ManageModels:
    """Return the use case on the folder of models of an installation."""
    return ManageModels(
        FolderStore(settings.quoth_data / "models"),
        {ArchiveSource: ArchiveFetcher(), HubSource: HubFetcher()},
        packaged_damage,
        CATALOGUE,
    )
