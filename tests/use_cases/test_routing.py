"""Where jobs go: to whoever has said that it can do them, and nowhere while nobody has."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from quoth.adapters.memory.engines import FakeTranscriber
from quoth.domain.jobs import Job, JobOptions, JobStatus
from quoth.ports.workers import Worker
from quoth.use_cases.routing import RoutedQueue, Routing, is_particular, route_of
from tests.contracts.test_job_store import a_job

INFO = replace(FakeTranscriber().info, has_translation=False)


def worker(number: int, *models: tuple[str, str], translates: bool = False) -> Worker:
    infos = [
        replace(INFO, model=name, languages=tuple(languages.split()), has_translation=translates)
        for name, languages in models
    ]
    return Worker(f"w{number}", "host", tuple(infos))


ENGLISH = worker(1, ("parakeet", "en"))
MANY = worker(2, ("whisper", "de en fr"), ("large", "de en fr"), translates=True)


@pytest.mark.parametrize(
    ("options", "route"),
    [
        (JobOptions(language="en"), "parakeet"),
        (JobOptions(language="de"), "whisper"),
        (JobOptions(candidates=("en", "fr")), "whisper"),
        (JobOptions(is_translated=True), "whisper"),
        (JobOptions(model="large"), "large"),
        (JobOptions(model="large", language="eu"), None),
        (JobOptions(model="other"), None),
        (JobOptions(language="eu"), None),
    ],
)
def test_a_job_goes_to_a_model_that_can_do_it(options: JobOptions, route: str | None) -> None:
    assert is_particular(options)
    assert route_of(options, [ENGLISH, MANY]) == route


def test_of_models_that_can_do_it_the_one_that_most_have_is_taken() -> None:
    others = [replace(MANY, id=f"w{number}") for number in (3, 4)]
    assert route_of(JobOptions(language="en"), [ENGLISH, *others]) == "whisper"


def test_who_asks_for_nothing_in_particular_is_anybodys() -> None:
    assert not is_particular(JobOptions(keywords=("Quoth",), prompt="So.", diarize=False))


@dataclass
class Workers:
    """A list of processes of which only who serves is asked."""

    there: list[Worker] = field(default_factory=list)

    def serving(self, seconds: float) -> list[Worker]:  # noqa: ARG002 - the port's signature
        return self.there


@dataclass
class Queue:
    """Notes what it is given, with the route."""

    queued: list[tuple[str, str | None]] = field(default_factory=list)
    moved: list[tuple[str, str | None]] = field(default_factory=list)

    def enqueue(self, job: Job) -> None:
        self.queued.append((job.id, job.route))

    def move(self, job: Job) -> None:
        self.moved.append((job.id, job.route))


@dataclass
class Rows:
    """Rows of jobs that wait."""

    jobs: dict[str, Job] = field(default_factory=dict)

    def set_route(self, job: Job, route: str) -> None:
        self.jobs[job.id] = replace(job, route=route)

    def by_status(self, statuses: set[JobStatus]) -> list[Job]:
        return [job for job in self.jobs.values() if job.status in statuses]


class Desk:
    """A routed queue on stand-ins."""

    def __init__(self, *there: Worker) -> None:
        self.workers, self.queue, self.rows = Workers([*there]), Queue(), Rows()
        listed: Any = self.workers
        queue: Any = self.queue
        rows: Any = self.rows
        self.routing = Routing(listed, 30.0, iter(range(1000)).__next__)
        self.routed = RoutedQueue(queue, rows, self.routing)

    def take_in(self, **options: Any) -> Job:
        job = a_job(options=JobOptions(**options))
        self.rows.jobs[job.id] = job
        self.routed.enqueue(job)
        return self.rows.jobs[job.id]


def test_what_anybody_can_do_is_queued_for_anybody_even_while_nobody_is_there() -> None:
    desk = Desk()
    job = desk.take_in()
    assert desk.queue.queued == [(job.id, None)]
    assert "none is up" in (desk.routing.waits_for(job) or "")


def test_what_nobody_can_do_waits_says_so_and_goes_when_somebody_comes() -> None:
    desk = Desk(ENGLISH)
    job = desk.take_in(language="fr")
    assert desk.queue.queued == []
    assert "language fr" in (desk.routing.waits_for(job) or "")
    desk.routed.dispatch()
    assert desk.queue.moved == []
    desk.workers.there.append(MANY)
    desk.routed.dispatch()
    assert desk.queue.moved == [(job.id, "whisper")]
    assert desk.routing.waits_for(desk.rows.jobs[job.id]) is None


def test_what_waits_for_whoever_left_goes_to_another_who_can_do_it() -> None:
    desk = Desk(ENGLISH, MANY)
    english, german = desk.take_in(language="en"), desk.take_in(language="de")
    assert desk.queue.queued == [(english.id, "parakeet"), (german.id, "whisper")]
    desk.workers.there.remove(ENGLISH)
    desk.routed.dispatch()
    assert desk.queue.moved == [(english.id, "whisper")]
