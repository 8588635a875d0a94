"""`quoth keys` and its options."""

from typing import Annotated

import typer

from quoth.cli.exits import explained

keys_app = typer.Typer(
    help="Keys for whoever is not in the own network: make, list, revoke them.",
    no_args_is_help=True,
)

KeyId = Annotated[str, typer.Argument(metavar="ID", help="As in `quoth keys list`.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


@keys_app.command()
def create(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    *,
    scopes: Annotated[
        list[str] | None,
        typer.Option("--scope", help="transcribe, read, delete, admin; the first three if none."),
    ] = None,
    days: Annotated[float | None, typer.Option(help="Days it is good for; else forever.")] = None,
    audio_seconds: Annotated[
        float | None, typer.Option("--audio-seconds-per-day", help="Seconds of audio a day.")
    ] = None,
    size_bytes: Annotated[
        int | None, typer.Option("--bytes-per-day", help="Bytes of recordings a day.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--concurrent-jobs", help="Jobs that wait or run at once.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key. It is shown once, on standard output; only its hash is kept."""
    from quoth.cli.keys import run_create  # noqa: PLC0415 - loads the settings

    with explained():
        run_create(name, scopes or [], days, (audio_seconds, size_bytes, jobs), as_json=as_json)


@keys_app.command("list")
def list_keys(*, as_json: AsJson = False) -> None:
    """Show all keys, without what opens anything."""
    from quoth.cli.keys import run_list  # noqa: PLC0415

    with explained():
        run_list(as_json=as_json)


@keys_app.command()
def revoke(key_id: KeyId) -> None:
    """Take a key back; a running server knows within a second."""
    from quoth.cli.keys import run_revoke  # noqa: PLC0415

    with explained():
        run_revoke(key_id)


@keys_app.command()
def rotate(key_id: KeyId, *, as_json: AsJson = False) -> None:
    """Give a key another secret, shown once; its jobs stay its own."""
    from quoth.cli.keys import run_rotate  # noqa: PLC0415

    with explained():
        run_rotate(key_id, as_json=as_json)


@keys_app.command()
def convert() -> None:
    """Keep only the hashes of keys that are in the file in plain text; they go on working."""
    from quoth.cli.keys import run_convert  # noqa: PLC0415

    with explained():
        run_convert()
