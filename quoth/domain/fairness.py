"""Whose turn it is: fair queueing in seconds of audio, by a number that is fixed at enqueue.

Start-time fair queueing (Goyal, Vin, Cheng, "Start-time fair queueing", SIGCOMM 1996): a job begins
in virtual time where its flow's last job ends, or now if that is past, and ends its length later.
Jobs are taken in the order of those ends. Each owner has one flow for each lane, so that an owner
with a thousand recordings delays nobody else's by more than one of them.
"""

from dataclasses import dataclass

SHORT_SECONDS = 600.0
"""Recordings up to this length wait in a lane of their own and never for a long one."""
SHORT, LONG = "short", "long"
LANES = (SHORT, LONG)
MOST_PRIORITY = 2**31 - 1
"""The largest number the queue takes."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A place in a lane."""

    lane: str
    priority: int


def lane_of(seconds: float) -> str:
    """Return the lane for a recording of that length."""
    return SHORT if seconds <= SHORT_SECONDS else LONG


def next_turn(seconds: float, virtual_now: int, flow_end: int | None) -> Turn:
    """Return the place of a job that arrives.

    Args:
        seconds: of audio.
        virtual_now: priority of the job of its lane that was taken last.
        flow_end: priority of the last job of the same owner and lane, None if there is none.
    """
    start = max(virtual_now, flow_end or 0)
    return Turn(lane_of(seconds), min(MOST_PRIORITY, start + max(1, round(seconds))))
