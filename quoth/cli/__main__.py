"""`python -m quoth.cli`."""

from quoth.cli.main import main

main()
