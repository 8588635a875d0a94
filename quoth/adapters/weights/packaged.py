"""Models that come inside installed packages, held against what their packages say of them."""

import base64
import hashlib
from importlib.metadata import PackageNotFoundError, files

from quoth.domain.catalogue import PackagedSource

_OURS = "quoth-weights"


def packaged_damage(source: PackagedSource) -> list[str]:
    """Return what is wrong with a packaged model, in words; nothing if it is whole."""
    return _our_damage(source.item) if source.package == _OURS else _damage_by_record(source)


def _our_damage(item: str) -> list[str]:
    import quoth_weights  # noqa: PLC0415

    try:
        quoth_weights.verify(item)
    except quoth_weights.DamagedWeights as error:
        return [str(error)]
    return []


def _damage_by_record(source: PackagedSource) -> list[str]:
    """Compare a file with the hash that its package was installed with."""
    cure = f"Install {source.package} again."
    try:
        listed = files(source.package) or []
    except PackageNotFoundError:
        return [f"the package {source.package} is not installed. {cure}"]
    for file in listed:
        if file.name != source.item or file.hash is None:
            continue
        digest = hashlib.new(file.hash.mode, file.read_binary()).digest()
        found = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return [] if found == file.hash.value else [f"{source.item} is damaged. {cure}"]
    return [f"{source.item} is missing. {cure}"]
