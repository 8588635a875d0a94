"""What is written down beside the bytes of an upload.

How many bytes there are is never in it: the length of their file says that, and it is right
whenever the process is killed.
"""

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path

from quoth.adapters.storage.whole_files import writing
from quoth.domain.uploads import NewUpload

NAME = "upload.json"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class UploadRecord:
    """What the client stated, and whether all of it came and was checked."""

    stated: NewUpload
    is_finished: bool = False

    def write(self, folder: Path) -> None:
        """Write it into the folder of an upload."""
        with writing(folder / NAME) as file:
            file.write(json.dumps(asdict(self)).encode())


def read_record(folder: Path) -> UploadRecord | None:
    """Read the record of an upload; None where there is none that can be read."""
    try:
        fields = json.loads((folder / NAME).read_text(encoding="utf-8"))
        return UploadRecord(NewUpload(**fields["stated"]), fields["is_finished"])
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, TypeError, KeyError) as error:
        log.warning("%s cannot be read (%s): the upload counts as gone", folder / NAME, error)
        return None
