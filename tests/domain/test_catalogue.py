import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from quoth.domain import catalogue
from quoth.domain.catalogue import (
    MODELS,
    PARAKEET_V3_LANGUAGES,
    SHERPA_FILES,
    HubSource,
    Licence,
    Model,
    Pin,
    ReleaseSource,
    model_named,
    models_for,
)
from quoth.domain.errors import NotInCatalogue

HEX = re.compile(r"(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{40})(?![0-9a-f])")


def pins() -> Iterator[Pin]:
    for model in MODELS:
        for source in model.sources:
            if isinstance(source, HubSource) and source.revision:
                yield source.revision
            if isinstance(source, ReleaseSource):
                yield source.sha256


def test_every_hash_and_revision_names_the_public_page_it_was_read_from() -> None:
    for pin in pins():
        assert HEX.fullmatch(pin.value)
        assert pin.hash_source.startswith("https://")


def test_no_hash_stands_in_the_catalogue_outside_a_pin() -> None:
    text = Path(str(catalogue.__file__)).read_text(encoding="utf-8")
    in_pages = {found for pin in pins() for found in HEX.findall(pin.hash_source)}
    assert set(HEX.findall(text)) - in_pages == {pin.value for pin in pins()}


@pytest.mark.parametrize("page", ["", "somewhere", "http://example.org/x", "https://example.org"])
def test_a_hash_without_a_public_page_cannot_be_written_down(page: str) -> None:
    with pytest.raises(ValueError, match="without the page"):
        Pin("0" * 64, page)


@pytest.mark.parametrize("value", ["ebe41f70", "main", "G" * 40, "0" * 63])
def test_what_is_no_whole_hash_cannot_be_a_pin(value: str) -> None:
    with pytest.raises(ValueError, match="neither"):
        Pin(value, "https://example.org/page")


def test_a_name_that_is_no_plain_folder_name_is_refused() -> None:
    with pytest.raises(ValueError, match="folder"):
        Model("../x", "sherpa", (), 1, Licence.MIT, "x", (), "x")


def test_names_and_aliases_are_unique() -> None:
    names = [name for model in MODELS for name in (model.name, *model.aliases)]
    assert len(names) == len(set(names))
    assert all(model_named(name) for name in names)


def test_an_unknown_name_lists_those_there_are() -> None:
    with pytest.raises(NotInCatalogue, match=r"nonsense.*parakeet-tdt-0\.6b-v3-int8"):
        model_named("nonsense")


def test_parakeet_v3_knows_25_languages_and_v2_english() -> None:
    assert len(set(PARAKEET_V3_LANGUAGES)) == 25
    assert model_named("parakeet-tdt-0.6b-v2").languages == ("en",)
    for model in MODELS:
        assert list(model.languages) == sorted(model.languages)


@pytest.mark.parametrize("engine", ["nemo", "sherpa", "whisper", "diarizer", "vad"])
def test_every_engine_has_models(engine: str) -> None:
    assert models_for(engine)


def test_models_for_sherpa_come_as_the_four_files_of_a_transducer() -> None:
    for model in models_for("sherpa"):
        (source,) = model.sources
        assert isinstance(source, ReleaseSource)
        assert source.members == SHERPA_FILES


def test_attribution_names_the_licence_where_it_asks_for_that() -> None:
    for model in MODELS:
        if model.licence is Licence.CC_BY:
            assert "creativecommons.org/licenses/by/4.0" in model.attribution
