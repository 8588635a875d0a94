"""What is in the queue's tables is read as JSON, and pickles are not read at all."""

import base64
import pickle

import pytest
from dbos import _serialization as serialization

from quoth.adapters.dbos.plain_json import PlainJson, RecordedError, refuse_pickles


def test_values_and_errors_come_back_as_what_they_say() -> None:
    plain = PlainJson()
    assert plain.deserialize(plain.serialize({"args": ["id", 1], "kwargs": {}})) == {
        "args": ["id", 1],
        "kwargs": {},
    }
    error = plain.deserialize(plain.serialize(ValueError("too long")))
    assert isinstance(error, RecordedError)
    assert str(error) == "ValueError: too long"


def test_what_is_no_plain_value_does_not_go_in() -> None:
    with pytest.raises(TypeError, match="set does not go"):
        PlainJson().serialize({1})


def test_a_row_that_says_it_is_a_pickle_is_refused() -> None:
    refuse_pickles()
    row = base64.b64encode(pickle.dumps({"anything": 1})).decode()
    with pytest.raises(ValueError, match="never read"):
        serialization.deserialize_value(row, "py_pickle", PlainJson())
