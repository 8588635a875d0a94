"""A GPU as its driver describes it, and the memory of it that the engines hold."""

from dataclasses import dataclass

GB = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Gpu:
    """A card.

    Args:
        name: as its maker calls it.
        memory_bytes: all it has.
        free_bytes: what nobody held when it was asked.
        driver: the version.
    """

    name: str
    memory_bytes: int
    free_bytes: int
    driver: str

    def __str__(self) -> str:
        """Say what it is."""
        return f"{self.name}, {self.memory_bytes / GB:.0f} GB, driver {self.driver}"


@dataclass(frozen=True, slots=True)
class GpuMemory:
    """Memory of a GPU that the inference process holds: bytes now, and the most so far."""

    reserved_bytes: int
    peak_bytes: int
