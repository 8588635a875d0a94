"""A process among others that share DBOS's tables: what it takes, and what it takes over."""

from collections.abc import Collection
from dataclasses import dataclass

from dbos import DBOS

LOOK_SECONDS = 0.2
"""Between two looks at a queue. How often is written in the tables and so the same for all: nobody
can calm down while others have work."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """A process among others.

    Args:
        lanes: those it does jobs of; none if it does none.
        models: those whose jobs it does beside the ones that any can do.
        delivers: whether it sends webhooks.
    """

    lanes: Collection[str] = ()
    models: Collection[str] = ()
    delivers: bool = True

    @property
    def queues(self) -> list[str]:
        """The queues of jobs it takes from."""
        routes = (None, *self.models)
        return [queue_of(lane, route) for lane in self.lanes for route in routes]


def queue_of(lane: str, route: str | None) -> str:
    """Return the name of the queue of a lane for jobs that any process, or a model, can do."""
    return lane if route is None else f"{lane}/{route}"


def holders() -> set[str]:
    """Return the processes that workflows under way belong to."""
    under_way = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
    return {each.executor_id for each in under_way if each.executor_id}


def take_over(executor: str) -> int:
    """Queue again what a process had begun that is dead; each goes on from its last finished step.

    What it records all the same is refused by DBOS from now on: a workflow belongs to whoever took
    it from the queue last.

    Returns:
        How many workflows there were.
    """
    left = DBOS.list_workflows(
        status="PENDING", executor_id=executor, load_input=False, load_output=False
    )
    for each in left:
        DBOS.resume_workflow(each.workflow_id, queue_name=each.queue_name)
    return len(left)
