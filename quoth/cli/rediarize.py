"""`quoth rediarize`: other speaker counts for a finished transcript."""

import sys
from collections.abc import Sequence
from pathlib import Path

from quoth.bootstrap.recognisers import Installation
from quoth.cli.outputs import EVIDENCE_EXTENSION, OutputFolder, parse_formats, to_stdout
from quoth.cli.transcribe import split_names
from quoth.config import Settings
from quoth.domain.diarization import SpeakerEvidence, SpeakerHints
from quoth.domain.errors import InvalidEvidence, InvalidParameter
from quoth.formats import json
from quoth.formats.options import RenderOptions


def run(
    transcript: Path,
    counts: tuple[int | None, int | None, int | None],
    names: str,
    formats: Sequence[str],
    output: Path | None,
    *,
    render: RenderOptions,
    force: bool,
) -> None:
    """Cluster kept evidence again and write the transcript anew.

    Raises:
        QuothError: if the transcript or its evidence cannot be used.
    """
    hints, wanted = SpeakerHints(*counts), parse_formats(formats or ["txt"])
    evidence_file = transcript.with_name(transcript.stem + EVIDENCE_EXTENSION)
    try:
        known = json.parse(transcript.read_text(encoding="utf-8"))
        evidence = SpeakerEvidence.from_bytes(evidence_file.read_bytes())
    except UnicodeDecodeError:
        raise InvalidParameter("transcript", f"({transcript}) is not text") from None
    except OSError as error:
        problem = f"{error.filename} cannot be read: {error.strerror}"
        raise InvalidEvidence(problem) from error
    installation = Installation(Settings())
    try:
        again = installation.rediarize()(known, evidence, hints, split_names(names))
    finally:
        installation.close()
    for warning in again.warnings:
        sys.stderr.write(f"quoth: {warning}\n")
    if output is None and len(wanted) == 1:
        content = wanted[0].render(again, transcript.stem, render)
        to_stdout(content, is_binary=wanted[0].is_binary)
        return
    folder = OutputFolder(output or Path(), is_forced=force)
    there = folder.existing(transcript.stem, [each.extension for each in wanted])
    if there:
        raise InvalidParameter("-o", f"holds {there[0]} already; --force replaces it")
    for each in wanted:
        folder.write(transcript.stem, each.extension, each.render(again, transcript.stem, render))
