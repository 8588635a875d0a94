"""What every place for the rows of jobs keeps to: SQLite, and Postgres."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Engine

from quoth.adapters.sql.jobs import SqlJobStore
from quoth.adapters.sql.schema import open_database, sqlite_url
from quoth.domain.diarization import SpeakerHints
from quoth.domain.fairness import LONG, SHORT, next_turn
from quoth.domain.job_errors import IdempotencyConflict
from quoth.domain.jobs import (
    LOCAL_OWNER,
    TRANSITIONS,
    Failure,
    Job,
    JobOptions,
    JobProgress,
    JobStatus,
)
from quoth.domain.progress import Stage
from quoth.ports.jobs import JobFilter, JobStore, Load, Place

_T = TypeVar("_T")

AT_ONCE = 8
NOW = 1_700_000_000.25
FULL = JobOptions(
    model="fake/large",
    language="de",
    candidates=("de", "en"),
    keywords=("Zürich",),
    is_translated=True,
    prompt='with "quotes" and a \0 in it',
    temperature=0.1 + 0.2,
    diarize=False,
    hints=SpeakerHints(minimum=2, maximum=5),
    names=("Ana", "山田"),
    webhook_url="https://example.com/told",
)


def a_job(**given: object) -> Job:
    job = Job(
        id=uuid.uuid4().hex,
        owner=LOCAL_OWNER,
        name="a.wav",
        status=JobStatus.QUEUED,
        options=JobOptions(),
        created=NOW,
        seconds=20.0,
        size_bytes=2**40,
        queue=SHORT,
        priority=20,
    )
    return replace(job, **given)  # type: ignore[arg-type]


def at_once(work: Callable[[int], _T]) -> list[_T]:
    """Do work several times side by side; each is given its number."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(work, range(AT_ONCE)))


@pytest.fixture
def store(engine: Engine) -> JobStore:
    return SqlJobStore(engine)


def put(store: JobStore, **given: object) -> Job:
    return store.add(a_job(**given), None, "")


def bring_to(store: JobStore, status: JobStatus) -> Job:
    """Write a job down and move it to a state."""
    job = put(store)
    ways = {
        JobStatus.QUEUED: (),
        JobStatus.CANCELLED: (JobStatus.CANCELLED,),
    }
    for step in ways.get(status, (JobStatus.RUNNING, status)):
        job = store.change(job.id, step, NOW) or job
    assert job.status is status
    return job


def test_a_job_comes_back_as_it_was_written(store: JobStore) -> None:
    job = put(store, options=FULL, created=0.1 + 0.2, seconds=1 / 3, priority=2**31 - 1)
    assert store.get(job.id) == job


def test_a_row_is_there_for_the_next_process(store: JobStore, database_url: str) -> None:
    job = put(store)
    engine = open_database(database_url)
    assert SqlJobStore(engine).get(job.id) == job
    engine.dispose()


def test_many_processes_can_make_the_tables_at_once(database_url: str) -> None:
    def start(_number: int) -> Load:
        engine = open_database(database_url)
        try:
            return SqlJobStore(engine).load()
        finally:
            engine.dispose()

    assert at_once(start) == [Load(0, 0, 0.0)] * AT_ONCE


@pytest.mark.parametrize("name", ["", "x" * 1000, "山" * 1000, "with\0nothing", "\ud800 half"])
def test_whatever_a_recording_is_called_its_job_is_kept(store: JobStore, name: str) -> None:
    job = put(store, name=name)
    found = store.get(job.id)
    assert found is not None
    assert found == job
    assert found.name[:4] == name.replace("\0", "").replace("\ud800", "?")[:4]
    store.rename(job.id, name)
    assert store.get(job.id) == replace(found, revision=found.revision + 1)


def test_whatever_an_engine_says_its_job_fails_with_it(store: JobStore) -> None:
    job = bring_to(store, JobStatus.RUNNING)
    failed = store.change(job.id, JobStatus.FAILED, NOW, Failure("no\0text\ud800", "engine_died"))
    assert failed is not None
    assert failed.failure == Failure("notext?", "engine_died")


# --- one request, one job -------------------------------------------------------------------


def test_a_request_made_many_times_at_once_is_one_job(store: JobStore) -> None:
    given = at_once(lambda _number: store.add(a_job(), "key", "same"))
    assert len({job.id for job in given}) == 1
    assert store.ids() == {given[0].id}


def test_a_key_belongs_to_its_owner(store: JobStore) -> None:
    mine, yours = store.add(a_job(), "key", "f"), store.add(a_job(owner="you"), "key", "g")
    assert store.by_key(LOCAL_OWNER, "key", "f") == mine
    assert store.by_key("you", "key", "g") == yours
    assert store.by_key("they", "key", "f") is None


def test_a_key_used_for_something_else_is_refused(store: JobStore) -> None:
    store.add(a_job(), "key", "first")
    with pytest.raises(IdempotencyConflict):
        store.add(a_job(), "key", "second")
    with pytest.raises(IdempotencyConflict):
        store.by_key(LOCAL_OWNER, "key", "second")
    assert len(store.ids()) == 1


def test_long_keys_are_told_apart_by_their_ends(store: JobStore) -> None:
    one, other = (store.add(a_job(), "k" * 1000 + end, "f") for end in "12")
    assert one.id != other.id
    assert store.by_key(LOCAL_OWNER, "k" * 1000 + "2", "f") == other


def test_a_key_is_free_again_when_its_job_is_deleted(store: JobStore) -> None:
    store.delete(store.add(a_job(), "key", "f").id)
    assert store.by_key(LOCAL_OWNER, "key", "f") is None
    assert store.add(a_job(), "key", "g")


# --- moving on ------------------------------------------------------------------------------


@pytest.mark.parametrize("before", JobStatus)
def test_a_job_moves_as_the_table_says(store: JobStore, before: JobStatus) -> None:
    for after in set(JobStatus) - {JobStatus.QUEUED}:
        job = bring_to(store, before)
        changed = store.change(job.id, after, NOW + 1)
        assert (changed is not None) == (after in TRANSITIONS[before])
        assert store.get(job.id) == (changed or job)
        assert changed is None or changed.revision == job.revision + 1


@pytest.mark.parametrize("before", JobStatus)
def test_only_failed_and_cancelled_jobs_are_tried_again(store: JobStore, before: JobStatus) -> None:
    job = bring_to(store, before)
    again = store.retry(job.id)
    assert (again is not None) == (JobStatus.QUEUED in TRANSITIONS[before])
    if again is not None:
        assert (again.attempt, again.status) == (2, JobStatus.QUEUED)
        assert (again.started, again.finished, again.failure) == (None, None, None)


def test_a_job_without_its_recording_is_not_tried_again(store: JobStore) -> None:
    job = bring_to(store, JobStatus.FAILED)
    assert store.audio_gone(job.id)
    assert store.retry(job.id) is None
    assert store.audio_gone(bring_to(store, JobStatus.RUNNING).id) is None


def test_one_of_many_who_move_a_job_at_once_does(store: JobStore) -> None:
    job = bring_to(store, JobStatus.RUNNING)
    wanted = (JobStatus.COMPLETED, JobStatus.CANCELLED)
    done = at_once(lambda number: store.change(job.id, wanted[number % 2], NOW))
    won = [each for each in done if each is not None]
    # what completed may still fail, and nothing here asks for that
    assert len(won) == 1
    assert store.get(job.id) == won[0]


def test_one_of_many_who_try_a_job_again_at_once_does(store: JobStore) -> None:
    job = bring_to(store, JobStatus.FAILED)
    again = [each for each in at_once(lambda _: store.retry(job.id)) if each is not None]
    assert [each.attempt for each in again] == [2]


def test_changes_at_once_are_all_counted(store: JobStore) -> None:
    job = put(store)
    at_once(lambda _number: store.touch(job.id))
    found = store.get(job.id)
    assert found is not None
    assert found.revision == job.revision + AT_ONCE


def test_progress_is_noted_for_the_attempt_that_runs_alone(store: JobStore) -> None:
    job = bring_to(store, JobStatus.RUNNING)
    far = JobProgress(Stage.TRANSCRIBE, 0.5, 7.25)
    changed = store.advance(job, far)
    assert changed is not None
    assert changed.progress == far
    assert store.advance(replace(job, attempt=2), far) is None
    store.change(job.id, JobStatus.CANCELLED, NOW)
    assert store.advance(job, far) is None


# --- whose --------------------------------------------------------------------------------


def test_nobody_sees_what_belongs_to_somebody_else(store: JobStore) -> None:
    mine, yours = put(store, name="ours"), put(store, name="ours", owner="you")
    store.index(yours.id, "secret words")
    assert store.get(yours.id, LOCAL_OWNER) is None
    assert store.get(yours.id, "you") is not None
    for wanted in (JobFilter(), JobFilter(text="ours"), JobFilter(statuses={JobStatus.QUEUED})):
        assert [job.id for job in store.find(LOCAL_OWNER, wanted)] == [mine.id]
        assert store.count(LOCAL_OWNER, wanted) == 1
    assert store.find(LOCAL_OWNER, JobFilter(text="secret")) == []
    assert store.count(LOCAL_OWNER, JobFilter(text="secret")) == 0
    assert store.ids() == {mine.id, yours.id}


# --- pages --------------------------------------------------------------------------------


def test_pages_hold_each_job_once_even_where_they_came_in_at_the_same_time(
    store: JobStore,
) -> None:
    jobs = [put(store, created=NOW + number // 4) for number in range(11)]
    put(store, owner="you")
    expected = sorted(jobs, key=lambda job: (job.created, job.id), reverse=True)
    seen: list[Job] = []
    last = None
    while page := store.find(LOCAL_OWNER, JobFilter(before=last, limit=3)):
        assert len(page) <= 3
        last = Place(page[-1].created, page[-1].id)
        seen += page
    assert seen == expected
    assert store.count(LOCAL_OWNER, JobFilter(limit=3)) == 11


def test_the_next_page_begins_where_a_job_was_that_was_deleted_meanwhile(store: JobStore) -> None:
    oldest, middle, _ = (put(store, created=NOW + number) for number in range(3))
    store.delete(middle.id)
    place = Place(middle.created, middle.id)
    assert list(store.find(LOCAL_OWNER, JobFilter(before=place))) == [oldest]


def test_states_can_be_asked_for(store: JobStore) -> None:
    failed, done = bring_to(store, JobStatus.FAILED), bring_to(store, JobStatus.COMPLETED)
    put(store)
    wanted = {JobStatus.FAILED, JobStatus.COMPLETED}
    assert {job.id for job in store.find(LOCAL_OWNER, JobFilter(wanted))} == {failed.id, done.id}
    assert {job.id for job in store.by_status(wanted)} == {failed.id, done.id}


def test_jobs_of_a_state_come_the_oldest_first(store: JobStore) -> None:
    jobs = [put(store, created=NOW - number, owner=f"owner{number}") for number in range(4)]
    assert list(store.by_status({JobStatus.QUEUED})) == jobs[::-1]


# --- turns ----------------------------------------------------------------------------------


def test_the_place_of_a_job_counts_what_waits_before_it_in_its_lane(store: JobStore) -> None:
    later = put(store, priority=30, created=NOW)
    same = put(store, priority=30, created=NOW + 1)
    sooner = put(store, priority=10, created=NOW + 2)
    put(store, priority=1, queue=LONG)
    store.change(put(store, priority=2).id, JobStatus.RUNNING, NOW)
    assert [store.position(job) for job in (sooner, later, same)] == [1, 2, 3]


def test_an_owner_with_many_jobs_delays_others_by_one(store: JobStore) -> None:
    def arrive(owner: str) -> Job:
        turn = next_turn(60, *store.turn_state(owner, SHORT))
        return put(store, owner=owner, seconds=60.0, priority=turn.priority, queue=turn.lane)

    assert store.turn_state("many", SHORT) == (0, None)
    many = [arrive("many") for _ in range(5)]
    assert [job.priority for job in many] == [60, 120, 180, 240, 300]
    store.change(many[0].id, JobStatus.RUNNING, NOW)
    assert store.turn_state("one", SHORT) == (60, None)
    assert arrive("one").priority == 120
    assert store.turn_state("one", LONG) == (0, None)


def test_the_load_is_what_is_left_of_waiting_and_running_jobs(store: JobStore) -> None:
    assert store.load() == Load(0, 0, 0.0)
    put(store, seconds=100.0, owner="you")
    half = put(store, seconds=40.0)
    store.change(half.id, JobStatus.RUNNING, NOW)
    store.advance(half, JobProgress(Stage.TRANSCRIBE, 0.5))
    store.measured(half, 80.0)
    bring_to(store, JobStatus.COMPLETED)
    assert store.load() == Load(1, 1, 140.0)


# --- forgetting -----------------------------------------------------------------------------


def test_a_deleted_job_is_found_by_nothing(store: JobStore) -> None:
    job, other = put(store, name="gone"), put(store, name="stays")
    store.index(job.id, "words that go")
    store.delete(job.id)
    assert store.get(job.id) is None
    assert store.ids() == {other.id}
    assert store.find(LOCAL_OWNER, JobFilter(text="words")) == []
    store.index(job.id, "words that come too late")
    assert store.count(LOCAL_OWNER, JobFilter(text="late")) == 0
    store.delete(job.id)


def test_nothing_of_a_deleted_job_is_in_the_files_of_sqlite(tmp_path: Path) -> None:
    engine = open_database(sqlite_url(tmp_path / "jobs.sqlite"))
    store = SqlJobStore(engine)
    others = [put(store, name=f"other{number}") for number in range(20)]
    job = put(store, name="canaryname", options=JobOptions(prompt="canaryprompt"))
    store.change(job.id, JobStatus.FAILED, NOW, Failure("canaryfailure", "internal"))
    store.rename(job.id, "canarytitle")
    for text in ("canarytext of long ago", "canarytext and more " * 2000):
        store.index(job.id, text)
    for other in others:
        store.index(other.id, "words of others")

    def content() -> bytes:
        return b"".join(path.read_bytes() for path in sorted(tmp_path.glob("jobs.sqlite*")))

    assert content().count(b"canary") > 5
    store.delete(job.id)
    assert b"canary" not in content()
    assert job.id.encode() not in content()
    assert store.count(LOCAL_OWNER, JobFilter(text="words")) == 20
    engine.dispose()
