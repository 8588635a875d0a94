"""`quoth doctor`: findings, as they are made."""

import json
import logging
import sys
from collections.abc import Iterable
from dataclasses import asdict

from rich.console import Console
from rich.text import Text

from quoth.bootstrap.doctor import examine, explain_origin
from quoth.bootstrap.findings import Finding, Level
from quoth.cli.exits import ExitStatus
from quoth.config import Settings

_MARKS = {
    Level.OK: ("ok  ", "green"),
    Level.NOTE: ("note", "yellow"),
    Level.FAILED: ("FAIL", "red"),
}


def run(*, as_json: bool, origin: str | None = None) -> None:
    """Print what is found and exit, with 3 if something has failed.

    Args:
        as_json: for programs.
        origin: an address; what is found is then how a caller there fares.

    Raises:
        InvalidParameter: if that is no address.
        UnusableConfiguration: if the file with settings cannot be used.
    """
    logging.getLogger().setLevel(logging.WARNING)
    settings = Settings()
    findings = examine(settings) if origin is None else explain_origin(settings, origin)
    made = _print_json(findings) if as_json else _print(findings)
    has_failed = any(each.level is Level.FAILED for each in made)
    sys.exit(ExitStatus.MACHINE if has_failed else ExitStatus.OK)


def _print(findings: Iterable[Finding]) -> list[Finding]:
    console = Console(highlight=False, soft_wrap=True)
    made = []
    for each in findings:
        mark, colour = _MARKS[each.level]
        console.print(Text.assemble((mark, colour), f"  {each.subject}: {each.told}"))
        if each.cure:
            console.print(Text(f"      {each.cure}", style="bold"))
        made.append(each)
    failed = sum(each.level is Level.FAILED for each in made)
    console.print(f"\n{failed} of {len(made)} failed." if failed else "\nAll is well.")
    return made


def _print_json(findings: Iterable[Finding]) -> list[Finding]:
    made = list(findings)
    is_well = all(each.level is not Level.FAILED for each in made)
    report = {"is_well": is_well, "findings": [asdict(each) for each in made]}
    sys.stdout.write(json.dumps(report, indent=1) + "\n")
    return made
