"""TSV and SegLST: what programs read back."""

import csv
import io
import json

import meeteval
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quoth.domain.errors import NotInFormat
from quoth.domain.transcript import Segment, Speaker, Transcript, Word
from quoth.formats import seglst, tsv
from quoth.formats.options import RenderOptions
from tests.strategies import transcripts

patient = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def talk(said: str, name: str = "Ana") -> Transcript:
    words = tuple(Word(one, 1.0, 2.0, speaker="A") for one in said.split())
    segment = Segment(0, "A", words, said)
    return Transcript("en", 9.0, "whisper", "base", (segment,), (Speaker("A", name, 1.0),))


@patient
@given(transcripts())
def test_tsv_reads_back(transcript: Transcript) -> None:
    assert tsv.parse(tsv.render(transcript)) == tsv.rows(transcript)


@given(st.text(st.sampled_from("'=+-@\"\t\n\\ax,;"), min_size=1, max_size=12))
def test_no_cell_is_a_formula_and_none_is_changed_by_that(said: str) -> None:
    said = f"{said.strip()}x".strip()
    transcript = talk(said, name=said)
    for cells in list(csv.reader(io.StringIO(tsv.render(transcript)), "excel-tab"))[1:]:
        assert all(cell[0] not in "=+-@" for cell in cells)
    (row,) = tsv.parse(tsv.render(transcript))
    assert row == tsv.rows(transcript)[0]
    assert row.text.split() == said.split()


def test_tsv_is_plain_to_read() -> None:
    assert tsv.render(talk("Hello, 'tis me.")) == (
        "start\tend\tspeaker\ttext\n1.000\t2.000\tAna\tHello, 'tis me.\n"
    )
    assert "Ana" not in tsv.render(talk("Hello."), RenderOptions(has_speakers=False))


@pytest.mark.parametrize("text", ["", "a\tb\n", "start\tend\tspeaker\ttext\n1\t2\n", "start\tend"])
def test_what_is_no_table_of_ours_is_refused(text: str) -> None:
    with pytest.raises(NotInFormat, match="TSV"):
        tsv.parse(text)


@patient
@given(transcripts())
def test_meeteval_reads_our_seglst(transcript: Transcript) -> None:
    segments = json.loads(seglst.render(transcript, "my talk"))
    loaded = meeteval.io.SegLST(segments)
    assert len(loaded) == len(transcript.segments)
    assert set(loaded.T["session_id"]) <= {"my_talk"} if segments else True


def test_meeteval_scores_our_seglst_without_an_error() -> None:
    loaded = meeteval.io.SegLST(json.loads(seglst.render(talk("Hello there."), "talk")))
    (score,) = meeteval.wer.cpwer(loaded, loaded).values()
    assert (score.errors, score.length) == (0, 2)
