"""The catalogue: nothing in it is made up."""

import re

import pytest

from quoth.domain.catalogue import (
    CATALOGUE,
    PARAKEET_V3_LANGUAGES,
    ArchiveSource,
    CatalogueModel,
    HubSource,
    catalogue_model,
)
from quoth.domain.errors import UnknownModel

every_model = pytest.mark.parametrize("model", CATALOGUE.values(), ids=list(CATALOGUE))


@every_model
def test_a_hash_or_revision_stands_there_only_with_its_public_source(model: CatalogueModel) -> None:
    digests = re.findall(r"\b[0-9a-f]{40,64}\b", repr(model))
    if isinstance(model.source, ArchiveSource):
        assert digests == [model.source.sha256]
        assert model.source.hash_source.startswith("https://")
    else:
        assert digests == []


@every_model
def test_every_model_says_whose_it_is_and_what_for(model: CatalogueModel) -> None:
    assert all((model.licence, model.attribution, model.good_for, model.languages))
    assert model.size_bytes > 0


def test_gated_models_are_those_that_ask_for_conditions() -> None:
    gated = {
        name
        for name, model in CATALOGUE.items()
        if isinstance(model.source, HubSource) and model.source.is_gated
    }
    assert gated == {"pyannote-community-1", "pyannote-3.1"}


def test_parakeet_v3_knows_25_languages() -> None:
    assert len(set(PARAKEET_V3_LANGUAGES)) == 25
    assert list(PARAKEET_V3_LANGUAGES) == sorted(PARAKEET_V3_LANGUAGES)


def test_an_unknown_model_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownModel, match="whisper-small"):
        catalogue_model("parrot")
