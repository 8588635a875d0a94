"""`quoth bench`: how right, how fast, at what cost."""

import sys
from pathlib import Path

from rich.console import Console

from quoth.bootstrap.recognisers import Installation
from quoth.cli.exits import stop_on_signals
from quoth.cli.outputs import OutputFolder
from quoth.cli.progress import ProgressView
from quoth.config import Settings
from quoth.domain.diarization import SpeakerHints
from quoth.domain.transcript import Transcript
from quoth.evaluation.measurement import measure
from quoth.evaluation.reporting import table, to_json
from quoth.ports.transcriber import TranscriptionOptions
from quoth.use_cases.requests import TranscriptionRequest


def run(
    path: Path,
    *,
    result: Path | None,
    language: str | None,
    diarize: bool,
    tells_speaker_count: bool,
) -> None:
    """Measure a recording or a folder of them; print the table and write the JSON.

    Raises:
        QuothError: if there is nothing to measure, or something it needs is missing.
    """
    installation = Installation(Settings())
    console = Console(stderr=True, highlight=False)
    with stop_on_signals() as stopped:

        def transcribe(recording: Path, hints: SpeakerHints) -> Transcript:
            request = TranscriptionRequest(
                recording, TranscriptionOptions(language=language), diarize=diarize, hints=hints
            )
            with (
                installation.workspaces.make() as workspace,
                ProgressView(console, stopped) as view,
                view.recording(str(recording)) as observe,
            ):
                return installation.transcribe()(request, workspace, observe).transcript

        try:
            report = measure(path, transcribe, tells_speaker_count=tells_speaker_count)
        finally:
            installation.close()
    sys.stdout.write(table(report))
    if result is not None:
        OutputFolder(result.parent, is_forced=True).write(
            result.stem, result.suffix, to_json(report).encode()
        )
