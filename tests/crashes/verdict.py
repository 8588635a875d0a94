"""What must hold whatever was done to a server, and the chains of a seed side by side."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.crashes.matrix import WAYS, Chain, Outcome


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one chain, beside the undisturbed run.

    Args:
        seed: of the chain.
        way: in which the server was ended.
        outcome: what is left.
        undisturbed: what is left where nobody ended anything.
    """

    seed: int
    way: str
    outcome: Outcome
    undisturbed: Outcome

    @property
    def lost(self) -> list[str]:
        """Recordings that have no completed job, or no ending that was told."""
        expected = self.undisturbed
        missing = (expected.jobs - self.outcome.jobs) + (expected.told - self.outcome.told)
        return sorted(missing)

    @property
    def doubled(self) -> list[str]:
        """Jobs and folders beyond one for each recording, and steps done after they were done."""
        more = sorted(self.outcome.jobs - self.undisturbed.jobs)
        folders = self.outcome.folders - self.undisturbed.folders
        return [*more, *self.outcome.done_twice, *(["a folder"] * folders)]

    @property
    def different(self) -> list[str]:
        """Recordings whose transcript is not the same to the byte."""
        there, expected = self.outcome.transcripts, self.undisturbed.transcripts
        return sorted(name for name in expected if there.get(name) != expected[name])

    @property
    def told_again(self) -> int:
        """Webhooks that were sent more than once: they are sent at least once."""
        return (self.outcome.told - self.undisturbed.told).total()

    @property
    def redone(self) -> int:
        """Engine calls that were begun again, because the one before was interrupted."""
        return (self.outcome.begun - self.undisturbed.begun).total()


def judge(folder: Path, seeds: Sequence[int], at_once: int) -> list[Verdict]:
    """Run the chains of some seeds, and an undisturbed run for each of these."""

    def run(place: tuple[int, str | None]) -> Outcome:
        seed, way = place
        if way is None:
            return Chain(folder / f"{seed}-undisturbed", "SIGKILL", seed, points=()).run()
        return Chain(folder / f"{seed}-{way}", way, seed).run()

    places = [(seed, way) for seed in seeds for way in (*WAYS, None)]
    with ThreadPoolExecutor(at_once) as threads:
        outcomes = dict(zip(places, threads.map(run, places), strict=True))
    return [
        Verdict(seed, way, outcomes[seed, way], outcomes[seed, None])
        for seed in seeds
        for way in WAYS
    ]
