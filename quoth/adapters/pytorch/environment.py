"""What torch and its OpenMP read from the environment, once, when they are loaded."""

import os

ALLOCATOR = "PYTORCH_CUDA_ALLOC_CONF"
EXPANDABLE = "expandable_segments:True"
DEFAULTS = {
    ALLOCATOR: EXPANDABLE,  # memory of a GPU does not fall to pieces
    "OMP_WAIT_POLICY": "PASSIVE",  # threads that wait for one another leave the core to others
}
"""Waiting actively is 20 times slower where the diarizer or anybody else wants the same cores."""


def set_environment() -> None:
    """Set what the user did not; before torch is imported."""
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
