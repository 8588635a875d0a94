"""The command line: `quoth transcribe`, `serve`, `rediarize`, `bench`."""

from quoth.cli.main import main

__all__ = ["main"]
