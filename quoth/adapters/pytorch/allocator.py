"""How torch takes memory from a GPU: in segments that grow, so that it does not fall to pieces.

torch reads the setting once, when it is loaded, and says nothing where the platform has no such
segments or somebody set it too late. So what the allocator then did is looked at.
"""

import logging
import os
from typing import Any

from quoth.adapters.pytorch.environment import ALLOCATOR, EXPANDABLE

log = logging.getLogger(__name__)


def has_expandable_segments(torch: Any, device: str) -> bool | None:
    """Tell whether torch holds memory of a GPU in segments that grow.

    Args:
        torch: the module.
        device: `cuda` or `cuda:1`, on which something was allocated.

    Returns:
        None where nothing is asked for, allocated or told.
    """
    if not device.startswith("cuda") or not _is_asked_for():
        return None
    index = int(device.partition(":")[2] or torch.cuda.current_device())
    try:
        segments = torch.cuda.memory_snapshot()
    except (AttributeError, RuntimeError):  # another allocator, or another torch
        return None
    here = [segment for segment in segments if segment.get("device", index) == index]
    return any(segment.get("is_expandable", False) for segment in here) if here else None


def check_expandable_segments(torch: Any, device: str) -> None:
    """Warn in the log where torch was asked for segments that grow and did not take them."""
    if has_expandable_segments(torch, device) is False:
        log.warning(
            "%s=%s had no effect: the memory of %s may fall to pieces, and long recordings need "
            "more of it. torch took the settings %r. Set the variable before the program starts, "
            "and see that the driver is not older than CUDA 11.4; WSL has no such segments.",
            ALLOCATOR,
            os.environ[ALLOCATOR],
            device,
            _settings(torch),
        )


def _is_asked_for() -> bool:
    asked = os.environ.get(ALLOCATOR, "").replace(" ", "").lower()
    return EXPANDABLE.lower() in asked.split(",")


def _settings(torch: Any) -> str:
    """Return what torch says it was told, as far as this version says it."""
    told = getattr(torch._C, "_accelerator_getAllocatorSettings", None)  # noqa: SLF001 - no other
    return str(told()) if told else "unknown"
