"""The commands and their options."""

import logging
from pathlib import Path
from typing import Annotated, Any

import typer

from quoth import __version__
from quoth.cli.exits import explained
from quoth.cli.key_commands import keys_app
from quoth.cli.model_commands import models_app
from quoth.formats.options import RenderOptions

app = typer.Typer(
    help="Audio in, who said what and when out. Nothing leaves this machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(models_app, name="models")
app.add_typer(keys_app, name="keys")

Speakers = Annotated[int | None, typer.Option("--speakers", help="The exact number of speakers.")]
MinSpeakers = Annotated[int | None, typer.Option(help="At least so many speakers.")]
MaxSpeakers = Annotated[int | None, typer.Option(help="At most so many speakers.")]
Names = Annotated[str, typer.Option(help="Names of the speakers in order of appearance: Ana,Ben.")]
Formats = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        "-f",
        help="txt, md, docx, srt, vtt, json, tsv, rttm, seglst; or several: txt,srt.",
    ),
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Folder for the results.", file_okay=False)
]
Force = Annotated[bool, typer.Option(help="Replace results that are already there.")]
Times = Annotated[
    bool | None, typer.Option("--times/--no-times", help="Say when; docs/formats.md says where.")
]
SpeakerNames = Annotated[bool, typer.Option(help="Say who speaks.")]
LineLength = Annotated[int | None, typer.Option(help="Characters of a line at most.")]


def _print_version(is_asked: bool) -> None:  # noqa: FBT001 - typer's callback
    if is_asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[  # noqa: ARG001 - its callback acts
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Say which.")
    ] = False,
) -> None:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")


@app.command()
def transcribe(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH...",
            help="Recordings (audio, or video with sound), folders of them, patterns, - for stdin.",
        ),
    ] = None,
    speakers: Speakers = None,
    min_speakers: MinSpeakers = None,
    max_speakers: MaxSpeakers = None,
    diarize: Annotated[bool, typer.Option(help="Tell speakers apart.")] = True,
    language: Annotated[
        str | None, typer.Option(help="What is spoken (en, de, ...); detected if left out.")
    ] = None,
    names: Names = "",
    formats: Formats = None,
    output: Output = None,
    keep_evidence: Annotated[
        bool, typer.Option(help="Keep what `quoth rediarize` needs beside the results.")
    ] = False,
    force: Force = False,
    times: Times = None,
    speaker_names: SpeakerNames = True,
    line_length: LineLength = None,
    watch: Annotated[
        Path | None, typer.Option(help="Go on with what arrives in this folder, until Ctrl-C.")
    ] = None,
    poll: Annotated[
        bool, typer.Option(help="Watch by looking every second: for network folders.")
    ] = False,
) -> None:
    """Transcribe recordings: who said what, when.

    One recording and one format without -o go to standard output; everything else into files:
    those of a folder's recordings beside them, or below -o as they lie in the folder. What is
    done already is skipped.
    """
    from quoth.cli.transcribe import TranscribeOptions, run  # noqa: PLC0415 - loads the engines

    with explained():
        run(
            paths or [],
            TranscribeOptions(
                counts=(speakers, min_speakers, max_speakers),
                diarize=diarize,
                language=language,
                names=names,
                formats=formats or [],
                output=output,
                keep_evidence=keep_evidence,
                force=force,
                render=RenderOptions(times, speaker_names, line_length),
            ),
            watch,
            polls=poll,
        )


@app.command()
def listen(
    source: Annotated[
        str | None,
        typer.Argument(help="- for standard input (WAV, or bare samples); else a microphone."),
    ] = None,
    device: Annotated[
        str | None, typer.Option(help="Microphone, as arecord or ffmpeg names it.")
    ] = None,
    rate: Annotated[
        int, typer.Option(help="Samples per second of bare samples.", min=8000, max=192_000)
    ] = 16_000,
    language: Annotated[
        str | None, typer.Option(help="What is spoken (en, de, ...); detected if left out.")
    ] = None,
    save: Annotated[
        Path | None, typer.Option(help="WAV file for the recording.", dir_okay=False)
    ] = None,
) -> None:
    """Write what is said while it is said, until Ctrl-C or the end of standard input.

    Who speaks is told afterwards: --save the recording and give it to `quoth transcribe`.
    """
    from quoth.cli.listen import run  # noqa: PLC0415 - loads the engines

    with explained():
        run(source, device=device, rate=rate, language=language, save=save)


@app.command()
def rediarize(
    transcript: Annotated[Path, typer.Argument(help="A transcript in the json format.")],
    speakers: Speakers = None,
    min_speakers: MinSpeakers = None,
    max_speakers: MaxSpeakers = None,
    names: Names = "",
    formats: Formats = None,
    output: Output = None,
    force: Force = False,
    times: Times = None,
    speaker_names: SpeakerNames = True,
    line_length: LineLength = None,
) -> None:
    """Tell the speakers of a transcript apart anew, from evidence kept beside it.

    The evidence is what `quoth transcribe --keep-evidence` left; no audio is read.
    """
    from quoth.cli.rediarize import run  # noqa: PLC0415 - loads the engines

    with explained():
        counts = (speakers, min_speakers, max_speakers)
        render = RenderOptions(times, speaker_names, line_length)
        run(transcript, counts, names, formats or [], output, render=render, force=force)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8000,
    allow_unauthenticated: Annotated[  # noqa: ARG001 - scripts of before may still say it
        bool, typer.Option(hidden=True, help="Does nothing: everybody is asked who they are.")
    ] = False,
    tls: Annotated[
        bool, typer.Option("--tls", help="Speak https, with a certificate made here.")
    ] = False,
    tls_cert: Annotated[
        Path | None, typer.Option(help="Speak https, with this certificate.", dir_okay=False)
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option(help="Its key, if that is another file.", dir_okay=False)
    ] = None,
) -> None:
    """Serve the HTTP API; its documentation is at /docs.

    Whoever is not in the own network needs a key (`quoth keys create`); docs/security.md says more.
    """
    from quoth.bootstrap.server import serve as serve_until_stopped  # noqa: PLC0415 - loads much
    from quoth.config import Settings  # noqa: PLC0415

    with explained():
        asked = {"tls": tls or None, "tls_cert": tls_cert, "tls_key": tls_key}
        given: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
        serve_until_stopped(Settings(**given), host, port)


@app.command()
def worker(
    alive: Annotated[
        Path | None,
        typer.Option(
            "--alive-file",
            help="Touched about each second while it is well, for health checks.",
            dir_okay=False,
        ),
    ] = None,
) -> None:
    """Do jobs of a server on this or another machine, with the same DATABASE_URL and store.

    SIGTERM lets it finish what it can in DRAIN_SECONDS; others go on with the rest. docs/scale.md
    says how machines are put together.
    """
    from quoth.bootstrap.worker import work  # noqa: PLC0415 - loads much
    from quoth.config import Settings  # noqa: PLC0415

    with explained():
        work(Settings(), alive)


@app.command()
def bench(
    path: Annotated[
        Path, typer.Argument(help="A recording, or a folder of them, with references.")
    ],
    result: Annotated[
        Path | None, typer.Option("--json", help="File for the figures.", dir_okay=False)
    ] = None,
    language: Annotated[str | None, typer.Option(help="What is spoken; else detected.")] = None,
    diarize: Annotated[bool, typer.Option(help="Tell speakers apart.")] = True,
    known_count: Annotated[
        bool, typer.Option(help="Give the true number of speakers as a hint.")
    ] = False,
) -> None:
    """Measure speed and accuracy: WER, DER, cpWER, RTFx, CPU seconds, peak memory.

    References lie beside a recording: NAME.rttm says who speaks when, NAME.txt has a line
    `speaker: text` for each turn. Needs the extra: pip install 'quoth[bench]'.
    """
    from quoth.cli.bench import run  # noqa: PLC0415 - loads the engines

    with explained():
        run(
            path,
            result=result,
            language=language,
            diarize=diarize,
            tells_speaker_count=known_count,
        )


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    origin: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Only say whether a caller there needs a key, why."),
    ] = None,
) -> None:
    """Look for what could stand in the way on this machine, and transcribe ten known seconds.

    Each line that is not well says what to do. Ends with 3 if something has failed.
    """
    from quoth.cli.doctor import run  # noqa: PLC0415 - loads the engines

    with explained():
        run(as_json=as_json, origin=origin)


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="File for the backup: a plain tar.")],
    *,
    models: Annotated[
        bool, typer.Option("--models", help="With models, which can also be pulled again.")
    ] = False,
    force: Annotated[bool, typer.Option(help="Replace a file that is already there.")] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Write nothing: read a backup and prove it whole.")
    ] = False,
) -> None:
    """Back up all jobs, while the server works: recordings, transcripts, edits, the queue.

    The file is there whole or not at all. docs/backup.md says what is in it.
    """
    from quoth.cli.backup import run_backup, run_verify  # noqa: PLC0415

    with explained():
        if verify:
            run_verify(target)
        else:
            run_backup(target, with_models=models, force=force)


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="A file that `quoth backup` wrote.")],
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Move jobs that are there aside.")
    ] = False,
) -> None:
    """Put a backup in place, once it is proved whole; the server has to be stopped.

    What was there is moved into a folder before-restore-DATE in QUOTH_DATA. Nothing is deleted.
    """
    from quoth.cli.backup import run_restore  # noqa: PLC0415

    with explained():
        run_restore(source, replaces=replace)


@app.command()
def config(
    toml: Annotated[bool, typer.Option("--toml", help="As a file to start from.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="As docs/settings.md.")] = False,
) -> None:
    """Show every setting, its value, where that comes from, and what it does."""
    from quoth.cli.config import show  # noqa: PLC0415

    with explained():
        show("toml" if toml else "json" if as_json else "markdown" if markdown else "table")


def main() -> None:
    """Run the command line."""
    app()
