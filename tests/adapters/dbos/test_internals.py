"""What is used of DBOS that is no part of its public API, and has to be looked at when it moves.

Each test says what to do when it fails after DBOS was upgraded.
"""

import base64
import pickle
import time
from importlib.metadata import version
from pathlib import Path
from threading import Event

import dbos
import pytest
from dbos import _serialization as serialization
from dbos import _sys_db
from sqlalchemy.exc import TimeoutError as PoolTimeout

from quoth.adapters.dbos.outages import pause_shortly
from quoth.adapters.dbos.plain_json import PlainJson, refuse_pickles
from quoth.adapters.dbos.queue import DbosJobQueue
from quoth.adapters.dbos.webhooks import DbosWebhookQueue
from quoth.adapters.sql.schema import sqlite_url
from quoth.ports.webhooks import Delivery, Outcome
from tests.contracts.test_job_store import a_job

DBOS_IS = f"DBOS {version('dbos')}"


def test_dbos_tries_again_soon_when_its_database_is_away() -> None:
    cure = (
        f"{DBOS_IS} waits otherwise between two tries than quoth/adapters/dbos/outages.py knows. "
        "See how `db_retry` waits now, and whether it has a setting for that."
    )
    pause_shortly(0.01)
    try:
        tries: list[float] = []

        @_sys_db.db_retry(initial_backoff=60.0)
        def ask(_database: object) -> str:
            tries.append(time.monotonic())
            if len(tries) < 3:
                raise PoolTimeout
            return "there again"

        assert ask(object()) == "there again", cure
        assert tries[-1] - tries[0] < 5, cure
    finally:
        pause_shortly()


def test_nothing_of_dbos_reads_a_pickle() -> None:
    cure = (
        f"{DBOS_IS} reads pickles on a way that quoth/adapters/dbos/plain_json.py does not close: "
        "whoever can write to the queue's tables runs code here. Close it, or use its setting."
    )
    places = {
        path.name
        for path in Path(dbos.__file__).parent.rglob("*.py")
        if any(
            word in path.read_text() for word in ("pickle.load", "Unpickler", "dill", "jsonpickle")
        )
    }
    assert places == {"_serialization.py"}, f"{cure} It does in {places}."
    refuse_pickles()
    row = base64.b64encode(pickle.dumps({"args": (), "kwargs": {}})).decode()
    for read in (
        serialization.deserialize_value,
        serialization.deserialize_args,
        serialization.deserialize_exception,
    ):
        with pytest.raises(ValueError, match="never read"):
            pytest.fail(f"{cure} {read.__name__} gave {read(row, 'py_pickle', PlainJson())}.")


@pytest.mark.slow
def test_a_queue_that_pauses_begins_nothing_more(tmp_path: Path) -> None:
    cure = (
        f"{DBOS_IS} does not stop taking work by `background_thread_stop_events`, which "
        "DbosJobQueue.pause sets: a worker told to stop would take jobs on and on."
    )
    begun = Event()
    webhooks = DbosWebhookQueue(lambda *_: Delivery(Outcome.DELIVERED, ""))
    queue = DbosJobQueue(
        sqlite_url(tmp_path / "queue.sqlite"), lambda *_: begun.set(), {"short": 1}, webhooks
    )
    queue.start()
    try:
        queue.enqueue(a_job())
        assert begun.wait(30)
        begun.clear()
        queue.pause()
        time.sleep(0.2)  # a look may be under way
        queue.enqueue(a_job())
        assert not begun.wait(1.5), cure
    finally:
        queue.close()
