"""What DBOS writes into its tables: plain JSON, and nothing else is ever read.

The default is pickle, with which whoever can write to the database runs code here.
"""

import json
from typing import Any

from dbos import Serializer
from dbos import _serialization as serialization


class RecordedError(Exception):
    """An error as it was written down: its kind and what it said."""


class PlainJson(Serializer):
    """Values of JSON; an exception is its kind and what it said."""

    def serialize(self, data: Any) -> str:
        """Return JSON."""
        return json.dumps(data, default=_plain)

    def deserialize(self, serialized_data: str) -> Any:
        """Return the values again; tuples come back as lists."""
        return json.loads(serialized_data, object_hook=_error)

    def name(self) -> str:
        """Say which serializer a row was written with."""
        return "quoth_json"


def _plain(value: object) -> object:
    if isinstance(value, BaseException):
        return {"error": f"{type(value).__name__}: {value}"}
    raise TypeError(f"{type(value).__name__} does not go into the queue's tables")


def _error(value: dict[str, Any]) -> object:
    return RecordedError(value["error"]) if value.keys() == {"error"} else value


def refuse_pickles() -> None:
    """Keep DBOS from reading pickles.

    A row says which serializer wrote it, and one that names pickle would be unpickled whatever
    serializer is set.
    """

    def refuse(cls: object, serialized_data: str) -> Any:  # noqa: ARG001 - DBOS's signature
        raise ValueError("a row in the queue's tables is a pickle, which is never read")

    serialization.DefaultSerializer.deserialize = refuse  # type: ignore[method-assign]
