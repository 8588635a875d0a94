"""`quoth models` and its options."""

from typing import Annotated

import typer

from quoth.cli.exits import explained

models_app = typer.Typer(
    help="The models on this machine: list, fetch, check and remove them.",
    no_args_is_help=True,
)

Names = Annotated[list[str], typer.Argument(metavar="NAME...", help="As in `quoth models list`.")]


@models_app.command("list")
def list_models(
    *,
    engine: Annotated[str | None, typer.Option(help="Only those of this engine.")] = None,
    here: Annotated[bool, typer.Option("--here", help="Only those that are here.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show all models: what each is good for, its size and licence, whether it is here."""
    from quoth.cli.models import run_list  # noqa: PLC0415 - loads the catalogue and settings

    with explained():
        run_list(engine, only_here=here, as_json=as_json)


@models_app.command()
def pull(names: Names) -> None:
    """Fetch models, verified and whole; one that was cut short goes on where it stopped.

    Behind a proxy set HTTPS_PROXY (and NO_PROXY). HF_ENDPOINT names a mirror of the Hugging Face
    hub; models with conditions need `hf auth login` or HF_TOKEN.
    """
    from quoth.cli.models import run_pull  # noqa: PLC0415

    with explained():
        run_pull(names)


@models_app.command()
def verify(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME...]", help="All that are here if left out.")
    ] = None,
) -> None:
    """Read models again and compare every file with its sha256; status 3 if one is damaged."""
    from quoth.cli.models import run_verify  # noqa: PLC0415

    with explained():
        run_verify(names or [])


@models_app.command()
def remove(
    names: Names,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove models that were pulled, or what an unfinished pull has left."""
    from quoth.cli.models import run_remove  # noqa: PLC0415

    with explained():
        run_remove(names, is_sure=yes)
