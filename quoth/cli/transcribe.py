"""`quoth transcribe`: the main job without a server."""

import shutil
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from quoth.bootstrap.recognisers import Installation
from quoth.cli.exits import ExitStatus, complain, status_of, stop_on_signals
from quoth.cli.outputs import EVIDENCE_EXTENSION, OutputFolder, parse_formats, to_stdout
from quoth.cli.progress import ProgressView
from quoth.cli.recordings import Recording, find_recordings
from quoth.cli.summary import Result, show_summary
from quoth.cli.watching import watch
from quoth.config import Settings
from quoth.domain.diarization import SpeakerHints
from quoth.domain.errors import Cancelled, FileTooLarge, InvalidParameter, QuothError
from quoth.formats.options import RenderOptions
from quoth.formats.registry import Format
from quoth.ports.transcriber import TranscriptionOptions
from quoth.use_cases.requests import (
    RecognitionFailed,
    TranscriptionOutcome,
    TranscriptionRequest,
)

DONE, SKIPPED = "done", "skipped: its results are there"


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
    render: RenderOptions


def split_names(names: str) -> tuple[str, ...]:
    """Read `Ana, Ben`."""
    return tuple(name.strip() for name in names.split(",") if name.strip())


@dataclass(frozen=True, slots=True)
class _Command:
    """One run of the command: what to do with each recording."""

    options: TranscribeOptions
    formats: Sequence[Format]
    is_to_stdout: bool
    installation: Installation
    console: Console
    stopped: threading.Event

    def transcribe(self, recording: Recording, view: ProgressView) -> Result:
        """Transcribe one recording and write the results; trouble is said, not raised."""
        name = str(recording.source)
        folder = OutputFolder(recording.folder, self.options.force)
        missing = self._missing(recording, folder)
        if not missing and not self.is_to_stdout:
            self._say_skipped(recording, folder)
            return Result(name, ExitStatus.OK, SKIPPED)
        started = time.monotonic()
        try:
            outcome = self._outcome(recording, view)
            self._deliver(outcome, recording, folder, missing)
        except RecognitionFailed as error:
            self._save_speakers(recording, folder, error.partial)
            return self._failed(name, error)
        except Cancelled:
            raise
        except QuothError as error:
            return self._failed(name, error)
        wall = time.monotonic() - started
        return Result(name, ExitStatus.OK, DONE, outcome.transcript.duration, wall)

    def _missing(self, recording: Recording, folder: OutputFolder) -> list[str]:
        """Return the extensions of the results that are still to be made."""
        wanted = [known.extension for known in self.formats]
        if self.options.keep_evidence:
            wanted.append(EVIDENCE_EXTENSION)
        there = {path.name for path in folder.existing(recording.stem, wanted)}
        return [extension for extension in wanted if f"{recording.stem}{extension}" not in there]

    def _say_skipped(self, recording: Recording, folder: OutputFolder) -> None:
        path = folder.folder / f"{recording.stem}{self.formats[0].extension}"
        told = f"{recording.source}: {path} is already there; --force replaces it."
        if not recording.is_stdin and recording.source.stat().st_mtime > path.stat().st_mtime:
            told += " The recording has changed since."
        complain(told)

    def _failed(self, name: str, error: QuothError) -> Result:
        complain(f"{name}: {error}")
        return Result(name, status_of(error), f"failed: {error}")

    def _outcome(self, recording: Recording, view: ProgressView) -> TranscriptionOutcome:
        options = self.options
        with (
            self.installation.workspaces.make() as workspace,
            view.recording(str(recording.source), recording.size_bytes) as observe,
            self._file(recording, workspace) as source,
        ):
            request = TranscriptionRequest(
                source,
                TranscriptionOptions(language=options.language),
                diarize=options.diarize,
                hints=SpeakerHints(*options.counts),
                names=split_names(options.names),
            )
            return self.installation.transcribe()(request, workspace, observe)

    @contextmanager
    def _file(self, recording: Recording, workspace: Path) -> Iterator[Path]:
        """Give the recording as a file: decoding wants to go back and forth in it."""
        if not recording.is_stdin:
            yield recording.source
            return
        spooled, limit = workspace / "stdin", self.installation.settings.max_upload_bytes
        with spooled.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
            if file.tell() > limit:
                raise FileTooLarge(limit)
        yield spooled

    def _deliver(
        self,
        outcome: TranscriptionOutcome,
        recording: Recording,
        folder: OutputFolder,
        missing: Sequence[str],
    ) -> None:
        transcript, stem = outcome.transcript, recording.stem
        for warning in transcript.warnings:
            complain(f"{recording.source}: {warning}")
        if self.is_to_stdout:
            to_stdout(self.formats[0].render(transcript, stem, self.options.render))
            return
        for known in self.formats:
            path = folder.folder / f"{stem}{known.extension}"
            if known.extension not in missing:
                complain(f"{recording.source}: {path} stays as it is; --force replaces it.")
                continue
            content = known.render(transcript, stem, self.options.render)
            written = folder.write(stem, known.extension, content)
            self.console.print(f"  {written}", markup=False)
        if EVIDENCE_EXTENSION in missing:
            self._save_evidence(stem, folder, outcome)

    def _save_speakers(
        self, recording: Recording, folder: OutputFolder, partial: TranscriptionOutcome
    ) -> None:
        """Keep who spoke when, where that was asked for, although the words are missing."""
        if self.is_to_stdout:
            return
        for known in self.formats:
            if known.name == "rttm":
                content = known.render(partial.transcript, recording.stem)
                folder.write(recording.stem, known.extension, content)
        if self.options.keep_evidence:
            self._save_evidence(recording.stem, folder, partial)

    def _save_evidence(
        self, stem: str, folder: OutputFolder, outcome: TranscriptionOutcome
    ) -> None:
        if outcome.evidence is not None:
            folder.write(stem, EVIDENCE_EXTENSION, outcome.evidence.write)


def run(
    given: Sequence[str], options: TranscribeOptions, watched: Path | None, *, polls: bool
) -> None:
    """Transcribe recordings one after the other and exit with the worst status.

    With a folder to watch, go on with what arrives in it until stopped.

    Raises:
        QuothError: if the options cannot be, or the engine is not there.
    """
    SpeakerHints(*options.counts)
    formats = parse_formats(options.formats or ["txt"])
    recordings = find_recordings(given, options.output)
    _check(given, recordings, watched)
    is_one = len(recordings) == 1 and len(formats) == 1 and not any(map(_is_folder, given))
    is_to_stdout = not watched and options.output is None and is_one and not options.keep_evidence
    if is_to_stdout:
        to_stdout(b"", is_binary=formats[0].is_binary)
    installation = Installation(Settings())
    installation.workspaces.sweep()
    console = Console(stderr=True, highlight=False)
    with stop_on_signals() as stopped:
        command = _Command(options, formats, is_to_stdout, installation, console, stopped)
        try:
            results = _all(command, recordings)
            if watched is not None:
                _watch(command, watched, polls=polls)
        finally:
            installation.close()
    show_summary(results, console)
    sys.exit(max((result.status for result in results), default=ExitStatus.OK))


def _all(command: _Command, recordings: Sequence[Recording]) -> list[Result]:
    total_bytes = sum(recording.size_bytes for recording in recordings)
    with ProgressView(command.console, command.stopped, len(recordings), total_bytes) as view:
        return [command.transcribe(recording, view) for recording in recordings]


def _watch(command: _Command, folder: Path, *, polls: bool) -> None:
    """Transcribe what is in a folder and what arrives there, until stopped."""
    command.console.print(f"Watching {folder}; Ctrl-C ends it.", markup=False)
    for path in watch(folder, command.stopped, polls=polls):
        output = command.options.output
        place = path.parent
        target = output / place.relative_to(folder) if output else place
        stem = {each.source: each.stem for each in find_recordings([str(folder)], output)}.get(path)
        if stem is None:  # it has gone again
            continue
        try:
            _all(command, [Recording(path, target, stem)])
        except Cancelled:
            return


def _check(given: Sequence[str], recordings: Sequence[Recording], watched: Path | None) -> None:
    if watched is not None and not watched.is_dir():
        raise InvalidParameter("--watch", f"({watched}) is not a folder")
    if not given and watched is None:
        raise InvalidParameter("PATH", "is missing: name recordings, folders or - for stdin")
    if given and not recordings:
        told = " and ".join(given)
        raise InvalidParameter("PATH", f"({told}) holds no recording: no known name in it")


def _is_folder(argument: str) -> bool:
    return Path(argument).is_dir()
