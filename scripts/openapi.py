# ruff: noqa: INP001 - a script, no package
"""Write what the API offers to `frontend/openapi.json`, which the page's types are made of.

python scripts/openapi.py && (cd frontend && npm run types)
"""

import json
import tempfile
from pathlib import Path

from quoth.bootstrap.access import build_access, build_limits
from quoth.bootstrap.jobs import build_jobs
from quoth.bootstrap.recognisers import Installation
from quoth.bootstrap.server import build_app
from quoth.config import Settings

TARGET = Path(__file__).parents[1] / "frontend" / "openapi.json"


def main() -> None:
    """Write the document."""
    with tempfile.TemporaryDirectory() as folder:
        installation = Installation(Settings(quoth_data=Path(folder), engine="whisper"))
        jobs = build_jobs(installation.settings, installation)
        access, limits = build_access(installation.settings), build_limits(installation.settings)
        document = build_app(installation, jobs, access, limits).openapi()
        jobs.close()
        installation.close()
    TARGET.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
