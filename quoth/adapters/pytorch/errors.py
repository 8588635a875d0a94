"""Telling errors of torch apart: memory that ran out, a GPU that is lost, anything else."""

_OUT_OF_MEMORY = (
    "out of memory",
    "can't allocate memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "CUDNN_STATUS_ALLOC_FAILED",
    "CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED",
)
_POISONED = (
    "CUDA error",
    "CUBLAS_STATUS_EXECUTION_FAILED",
    "CUBLAS_STATUS_INTERNAL_ERROR",
    "CUDNN_STATUS_EXECUTION_FAILED",
    "device-side assert",
    "unspecified launch failure",
)


def is_out_of_memory(error: BaseException) -> bool:
    """Say whether an error means that memory ran out, on a GPU or in the machine."""
    if isinstance(error, MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in _OUT_OF_MEMORY)


def is_poisoned(error: BaseException) -> bool:
    """Say whether an error leaves the process without a working GPU for the rest of its life.

    After an illegal access, a failed assertion or a launch failure on the device every further
    call fails, whatever it is: CUDA keeps the error until the process ends.
    """
    if not isinstance(error, RuntimeError) or is_out_of_memory(error):
        return False
    return type(error).__name__ == "AcceleratorError" or any(
        sign in str(error) for sign in _POISONED
    )
