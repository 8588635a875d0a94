"""Loading a `.nemo` file with NeMo: no code from the file, no pickles, no downloads.

torch and NeMo take ten seconds and a gigabyte to import, so this is imported when the engine is
built, and they when it is loaded.
"""

import warnings
from collections.abc import Mapping
from typing import Any

from quoth.adapters.nemo.checkpoint import ENGINE, Checkpoint
from quoth.adapters.pytorch.allocator import check_expandable_segments
from quoth.adapters.pytorch.environment import set_environment
from quoth.adapters.pytorch.errors import is_out_of_memory
from quoth.adapters.pytorch.initialisation import without_initialisation
from quoth.adapters.pytorch.torchaudio import import_torchaudio
from quoth.domain.errors import EngineUnavailable

_INSTALL = "Install it with: pip install 'quoth[nemo]', or set ENGINE=auto for another engine."
_UNUSED = ("train_ds", "validation_ds", "test_ds", "optim", "tensorboard")
_CONFIDENCE = {
    "preserve_frame_confidence": True,
    "preserve_token_confidence": True,
    "exclude_blank": True,
    "tdt_include_duration": False,
    "method_cfg": {"name": "max_prob", "alpha": 1.0},
}
"""The probability of each token of a transducer."""
_MOST_SYMBOLS = 10
"""Tokens at one frame, where the model does not say; the decoders below need a bound."""


def load_network(checkpoint: Checkpoint, device: str, precision: str) -> Any:
    """Return a NeMo model on its device, in evaluation mode, with its decoder built.

    Args:
        checkpoint: as read by `read_checkpoint`.
        device: `cpu`, `cuda` or `cuda:1`.
        precision: of the network; features are always made in float32.

    Raises:
        EngineUnavailable: if NeMo, the device or the memory is not there, or the file is damaged.
    """
    torch = import_torch()
    check_device(torch, device, precision)
    connector = _import_connector()
    from nemo.collections.asr.models import ASRModel  # noqa: PLC0415 - see the top of the file
    from omegaconf import OmegaConf  # noqa: PLC0415

    configuration = OmegaConf.create(runnable(checkpoint))
    try:
        with warnings.catch_warnings(), without_initialisation(torch):
            warnings.simplefilter("ignore")
            model = ASRModel.restore_from(
                str(checkpoint.path),
                override_config_path=configuration,
                map_location=torch.device("cpu"),
                save_restore_connector=connector(),
            )
        model.freeze()
        return _placed(torch, model, device, precision)
    except Exception as error:  # NeMo raises whatever its parts raise
        if is_out_of_memory(error):
            raise too_little_memory(torch, device) from error
        detail = str(error).partition("\n")[0] or type(error).__name__
        problem = f"{checkpoint.path} cannot be loaded ({detail})"
        cure = "Fetch the model again, or set NEMO_MODEL to another one."
        raise EngineUnavailable(ENGINE, problem, cure) from error


def import_torch() -> Any:
    """Return torch, told of memory and threads what it reads when it is loaded.

    Raises:
        EngineUnavailable: if it is not installed or not loadable.
    """
    set_environment()
    try:
        import torch  # noqa: PLC0415 - see the top of the file
    except (ImportError, OSError) as error:
        raise EngineUnavailable(ENGINE, f"torch cannot be loaded ({error})", _INSTALL) from error
    return torch


def check_device(torch: Any, device: str, precision: str) -> None:
    """Find out whether torch can compute on a device, and why not.

    Raises:
        EngineUnavailable: if it cannot; says whether build, driver, GPU or precision is at fault.
    """
    if not device.startswith("cuda"):
        return
    if torch.version.cuda is None:
        cure = "Install torch with CUDA (pip install torch), or set ASR_PROVIDER=cpu."
        raise EngineUnavailable(ENGINE, "the installed torch is built without CUDA", cure)
    try:
        torch.cuda.init()
        count = torch.cuda.device_count()
    except (RuntimeError, AssertionError) as error:
        raise no_cuda(str(error)) from error
    index = int(device.partition(":")[2] or 0)
    if index >= count:
        cure = "Leave ASR_PROVIDER unset, or name one of them from cuda:0 on."
        raise EngineUnavailable(ENGINE, f"{device} is not there, {count} GPUs are", cure)
    if precision == "bf16" and not torch.cuda.is_bf16_supported():
        raise EngineUnavailable(
            ENGINE, "this GPU does not compute in bf16", "Set NEMO_PRECISION=fp16."
        )


def no_cuda(detail: str) -> EngineUnavailable:
    """Return the error for a GPU that does not start, with the cure for what torch says."""
    reason = " ".join(detail.split())
    if "driver" in reason and "too old" in reason:
        cure = "Update the NVIDIA driver, or install a torch for its version of CUDA."
        return EngineUnavailable(ENGINE, f"the NVIDIA driver is too old ({reason})", cure)
    if "no NVIDIA driver" in reason:
        cure = "Install the NVIDIA driver, or set ASR_PROVIDER=cpu."
        return EngineUnavailable(ENGINE, "there is no NVIDIA driver on this machine", cure)
    cure = "See that nvidia-smi works and the container was given the GPU; or set ASR_PROVIDER=cpu."
    return EngineUnavailable(ENGINE, f"CUDA does not start ({reason})", cure)


def too_little_memory(torch: Any, device: str) -> EngineUnavailable:
    """Return the error for a model that does not fit, with how much memory is free."""
    cure = "Close other programs, set NEMO_PRECISION=fp16, or set ASR_PROVIDER=cpu."
    if not device.startswith("cuda"):
        return EngineUnavailable(ENGINE, "there is too little memory for the model", cure)
    free, total = (each / 1024**3 for each in torch.cuda.mem_get_info(torch.device(device)))
    problem = f"the model does not fit: {free:.1f} of {total:.1f} GB are free on {device}"
    return EngineUnavailable(ENGINE, problem, cure)


def runnable(checkpoint: Checkpoint) -> dict[str, Any]:
    """Return a configuration for recognition alone: no data sets, and the decoder we want."""
    configuration = {
        key: value for key, value in checkpoint.configuration.items() if key not in _UNUSED
    }
    if checkpoint.kind == "ctc":
        return configuration
    decoding = dict(configuration.get("decoding") or {})
    configuration["decoding"] = decoding | {
        "strategy": "greedy_batch",
        "greedy": _greedy(decoding.get("greedy") or {}),
        "compute_timestamps": False,
        "tdt_include_token_duration": True,
        "preserve_alignments": False,
        "confidence_cfg": _CONFIDENCE,
    }
    return configuration


def _greedy(given: Mapping[str, Any]) -> dict[str, Any]:
    most = given.get("max_symbols") or given.get("max_symbols_per_step") or _MOST_SYMBOLS
    return {"max_symbols": most, "loop_labels": True, "use_cuda_graph_decoder": True}


def _import_connector() -> Any:
    """Return NeMo's reader of `.nemo` files, held to reading tensors.

    Raises:
        EngineUnavailable: if NeMo is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import_torchaudio()
            import nemo.collections.asr  # noqa: F401, PLC0415 - see the top of the file
            from nemo.core.connectors.save_restore_connector import (  # noqa: PLC0415
                SaveRestoreConnector,
            )
            from nemo.utils import logging  # noqa: PLC0415
    except (ImportError, OSError) as error:
        raise EngineUnavailable(ENGINE, f"NeMo cannot be loaded ({error})", _INSTALL) from error
    logging.setLevel(logging.ERROR)

    class TensorsOnly(SaveRestoreConnector):  # type: ignore[misc]
        """Reads a checkpoint as tensors, and takes them as they lie in the file."""

        @staticmethod
        def _load_state_dict_from_disk(model_weights: str, map_location: Any = "cpu") -> Any:
            """Read a checkpoint as tensors, whatever the environment says of pickles."""
            return import_torch().load(
                model_weights, map_location=map_location, weights_only=True, mmap=True
            )

        def load_instance_with_state_dict(self, instance: Any, state_dict: Any, strict: Any) -> Any:
            """Give a network its weights: all of them, none copied before it is cast."""
            instance.load_state_dict(state_dict, strict=strict, assign=True)
            instance._set_model_restore_state(is_being_restored=False)  # noqa: SLF001 - as NeMo

    return TensorsOnly


def _placed(torch: Any, model: Any, device: str, precision: str) -> Any:
    """Cast, then move: the weights go to a GPU in the size they have there."""
    types = {"fp16": torch.float16, "bf16": torch.bfloat16, "fp32": torch.float32}
    model.to(types[precision])
    model.preprocessor.to(torch.float32)
    model.to(torch.device(device))
    check_expandable_segments(torch, device)
    model.eval()
    return model
