"""`quoth transcribe`: the main job without a server."""

import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from quoth.bootstrap.recognisers import Installation
from quoth.cli.exits import ExitStatus, complain, status_of, stop_on_signals
from quoth.cli.outputs import EVIDENCE_EXTENSION, OutputFolder, output_stems, parse_formats
from quoth.cli.progress import ProgressBars
from quoth.config import Settings
from quoth.domain.diarization import SpeakerHints
from quoth.domain.errors import Cancelled, QuothError
from quoth.formats.registry import Format
from quoth.ports.transcriber import TranscriptionOptions
from quoth.use_cases.requests import (
    RecognitionFailed,
    TranscriptionOutcome,
    TranscriptionRequest,
)


@dataclass(frozen=True, slots=True)
class TranscribeOptions:
    """What the command line says; `counts` are the exact, least and greatest number of speakers."""

    counts: tuple[int | None, int | None, int | None]
    diarize: bool
    language: str | None
    names: str
    formats: Sequence[str]
    output: Path | None
    keep_evidence: bool
    force: bool


def split_names(names: str) -> tuple[str, ...]:
    """Read `Ana, Ben`."""
    return tuple(name.strip() for name in names.split(",") if name.strip())


@dataclass(frozen=True, slots=True)
class _Command:
    """One run of the command: what to do with each recording."""

    options: TranscribeOptions
    formats: Sequence[Format]
    folder: OutputFolder | None
    installation: Installation
    console: Console
    stopped: threading.Event

    def transcribe(self, source: Path, stem: str) -> ExitStatus:
        """Transcribe one recording and write the results; trouble is said, not raised."""
        extensions = [known.extension for known in self.formats]
        there = self.folder.existing(stem, extensions) if self.folder else []
        if there:
            complain(f"{source}: {there[0]} is already there; --force replaces it.")
            return ExitStatus.OK
        try:
            outcome = self._outcome(source)
        except RecognitionFailed as error:
            self._save_speakers(stem, error.partial)
            complain(f"{source}: {error}")
            return status_of(error)
        except Cancelled:
            raise
        except QuothError as error:
            complain(f"{source}: {error}")
            return status_of(error)
        self._deliver(outcome, source, stem)
        return ExitStatus.OK

    def _outcome(self, source: Path) -> TranscriptionOutcome:
        options = self.options
        request = TranscriptionRequest(
            source,
            TranscriptionOptions(language=options.language),
            diarize=options.diarize,
            hints=SpeakerHints(*options.counts),
            names=split_names(options.names),
        )
        with (
            self.installation.workspaces.make() as workspace,
            ProgressBars(self.console, str(source), self.stopped) as bars,
        ):
            return self.installation.transcribe()(request, workspace, bars)

    def _deliver(self, outcome: TranscriptionOutcome, source: Path, stem: str) -> None:
        for warning in outcome.transcript.warnings:
            complain(f"{source}: {warning}")
        if self.folder is None:
            sys.stdout.buffer.write(self.formats[0].render(outcome.transcript, stem))
            return
        for known in self.formats:
            text = known.render(outcome.transcript, stem)
            written = self.folder.write(stem, known.extension, text)
            self.console.print(f"  {written}", markup=False)
        self._save_evidence(stem, outcome)

    def _save_speakers(self, stem: str, partial: TranscriptionOutcome) -> None:
        """Keep who spoke when, where that was asked for, although the words are missing."""
        for known in self.formats:
            if known.name == "rttm" and self.folder is not None:
                self.folder.write(stem, known.extension, known.render(partial.transcript, stem))
        self._save_evidence(stem, partial)

    def _save_evidence(self, stem: str, outcome: TranscriptionOutcome) -> None:
        if self.options.keep_evidence and outcome.evidence is not None and self.folder is not None:
            self.folder.write(stem, EVIDENCE_EXTENSION, outcome.evidence.to_bytes())


def run(files: Sequence[Path], options: TranscribeOptions) -> None:
    """Transcribe recordings one after the other and exit with the worst status.

    Raises:
        QuothError: if the options cannot be, or the engine is not there.
    """
    SpeakerHints(*options.counts)
    formats = parse_formats(options.formats or ["txt"])
    has_one_result = len(files) == 1 and len(formats) == 1 and not options.keep_evidence
    is_to_stdout = options.output is None and has_one_result
    folder = None if is_to_stdout else OutputFolder(options.output or Path(), options.force)
    installation = Installation(Settings())
    installation.workspaces.sweep()
    with stop_on_signals() as stopped:
        command = _Command(
            options, formats, folder, installation, Console(stderr=True, highlight=False), stopped
        )
        try:
            stems = output_stems(files)
            statuses = [command.transcribe(source, stems[source]) for source in stems]
        finally:
            installation.close()
    sys.exit(max(statuses))
