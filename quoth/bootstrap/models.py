"""What `quoth models` works with; loads no engine."""

from quoth.adapters.weights.fetching import WeightsFetcher
from quoth.adapters.weights.store import FolderStore
from quoth.config import Settings
from quoth.domain.catalogue import MODELS
from quoth.use_cases.manage_models import ManageModels


def manage_models(settings: Settings) -> ManageModels:
    """Return the use case on the models folder of an installation."""
    return ManageModels(MODELS, FolderStore(settings.quoth_data / "models"), WeightsFetcher())
