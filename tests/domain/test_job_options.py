"""How options of jobs are written down, for processes of other versions as well."""

import json

from quoth.domain.diarization import SpeakerHints
from quoth.domain.jobs import JobOptions, content_of, options_of


def test_what_is_as_usual_is_left_out_so_that_earlier_versions_can_read_it() -> None:
    assert content_of(JobOptions(language="de")).keys() == {"hints", "language"}


def test_options_are_the_same_when_they_were_written_down() -> None:
    options = JobOptions(
        model="whisper-base",
        candidates=("de", "en"),
        keywords=("Quoth",),
        temperature=0.2,
        diarize=False,
        hints=SpeakerHints(minimum=2),
        names=("Ana",),
        known=("Ben",),
        webhook_url="https://example.org/told",
    )
    for each in (options, JobOptions()):
        assert options_of(json.loads(json.dumps(content_of(each)))) == each
