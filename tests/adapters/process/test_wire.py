"""Messages between the service and the inference process."""

from multiprocessing import Pipe
from pickle import PickleBuffer, PicklingError
from threading import Thread

import numpy as np
import pytest

from quoth.adapters.process.messages import Returned
from quoth.adapters.process.wire import pack, receive, send


@pytest.mark.parametrize(
    "value",
    [
        None,
        "words",
        {"voices": np.arange(1_000_000, dtype=np.float16), "count": np.array(3)},
        [np.zeros((0, 192), np.float16), np.ones((3, 4))[:, ::2]],
    ],
    ids=["nothing", "text", "large", "empty and strided"],
)
def test_a_message_arrives_as_it_was_sent(value: object) -> None:
    here, there = Pipe()
    frames = pack(Returned(7, value))
    sender = Thread(target=send, args=(here, frames))
    sender.start()
    arrived = receive(there)
    sender.join()
    assert arrived.id == 7
    np.testing.assert_equal(arrived.value, value)


def test_large_arrays_are_not_copied_into_the_pickle() -> None:
    voices = np.zeros(1_000_000, np.float16)
    content, array = pack(Returned(1, voices))
    assert isinstance(content, bytes)
    assert isinstance(array, PickleBuffer)
    assert len(content) < 1000
    assert np.shares_memory(np.frombuffer(array.raw(), np.float16), voices)


def test_what_cannot_be_sent_is_the_callers_error() -> None:
    with pytest.raises((AttributeError, PicklingError), match="pickle"):
        pack(lambda: None)
