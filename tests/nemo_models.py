"""NeMo models for tests: the tiny Parakeet, and ones of every other kind with random weights."""

import importlib.util
import io
import os
import tarfile
import warnings
from pathlib import Path
from typing import Any

import pytest

from quoth.adapters.pytorch.torchaudio import import_torchaudio
from quoth.domain.audio import Samples
from tests.tiny_parakeet import NEMO_FILE, clips

LETTERS = (" ", *"abcdefghijklmnopqrstuvwxyz", "'")
_MODULES = "nemo.collections.asr.modules."
_WIDTH = 32
_LOUDNESS = 30.0
"""How much what a random network hears sways it: it would always say the same."""


def require_nemo() -> None:
    """Skip where NeMo, a choice of 2 GB, is not installed; fail where QUOTH_TEST_NEMO asks for it.

    It is no part of what every machine that runs the tests has, so CI alone asks for nothing.
    """
    if importlib.util.find_spec("nemo") and importlib.util.find_spec("torch"):
        return
    message = "NeMo is missing: pip install 'quoth[nemo]'"
    if os.environ.get("QUOTH_TEST_NEMO"):
        pytest.fail(message)
    pytest.skip(message)


def write_nemo_file(folder: Path, configuration: bytes, **members: bytes) -> Path:
    """Write a .nemo file of a configuration and weights that are none, other members beside."""
    path = folder / "model.nemo"
    contents = {"model_config.yaml": configuration, "model_weights.ckpt": b"none"} | members
    with tarfile.open(path, "w") as tar:
        for name, content in contents.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def make_nemo_file(kind: str, folder: Path) -> Path:
    """Write a model of a kind (see `_CONFIGURATIONS`) with random weights that speaks."""
    import torch  # noqa: PLC0415 - only where NeMo is installed

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import_torchaudio()
        from nemo.collections.asr import models  # noqa: PLC0415
        from omegaconf import OmegaConf  # noqa: PLC0415

        torch.manual_seed(3)
        configuration = OmegaConf.create(_common(folder) | _CONFIGURATIONS[kind])
        model = getattr(models, kind)(configuration)
        is_ctc = kind.startswith("EncDecCTC")
        layer = model.decoder.decoder_layers[0] if is_ctc else model.joint.enc
        with torch.no_grad():
            model.eval()
            sound = torch.from_numpy(_clip())[None]
            features, lengths = model.preprocessor(
                input_signal=sound, length=torch.tensor([sound.shape[1]])
            )
            encoded, _ = model.encoder(audio_signal=features, length=lengths)
            layer.weight.mul_(_LOUDNESS)
            layer.bias.copy_(-layer.weight.flatten(1) @ encoded[0].mean(dim=1))
        path = folder / f"{kind}.nemo"
        model.save_to(str(path))
    return path


def _clip() -> Samples:
    clip = clips()[0].waveform
    return clip.samples(0, clip.sample_count)


def _common(folder: Path) -> dict[str, Any]:
    return {
        "sample_rate": 16_000,
        "train_ds": None,
        "validation_ds": None,
        "tokenizer": {"dir": str(_tokenizer(folder)), "type": "bpe"},
        "labels": list(LETTERS),
        "preprocessor": {
            "_target_": _MODULES + "AudioToMelSpectrogramPreprocessor",
            "features": 80,
            "n_fft": 512,
            "window_size": 0.025,
            "window_stride": 0.01,
            "normalize": "per_feature",
        },
        "encoder": {
            "_target_": _MODULES + "ConformerEncoder",
            "feat_in": 80,
            "feat_out": -1,
            "n_layers": 1,
            "d_model": _WIDTH,
            "n_heads": 2,
            "subsampling": "dw_striding",
            "subsampling_factor": 8,
            "subsampling_conv_channels": 8,
            "ff_expansion_factor": 2,
            "conv_kernel_size": 9,
        },
    }


def _tokenizer(folder: Path) -> Path:
    """Unpack the tokenizer of the tiny Parakeet."""
    target = folder / "tokenizer"
    target.mkdir(exist_ok=True)
    with tarfile.open(NEMO_FILE) as tar:
        for member in tar:
            _, found, name = Path(member.name).name.partition("_")
            content = tar.extractfile(member)
            if content and found and name in {"tokenizer.model", "tokenizer.vocab", "vocab.txt"}:
                (target / name).write_bytes(content.read())
    return target


_CTC_DECODER = {
    "_target_": _MODULES + "ConvASRDecoder",
    "feat_in": _WIDTH,
    "num_classes": len(LETTERS),
    "vocabulary": list(LETTERS),
}
_TRANSDUCER = {
    "model_defaults": {"enc_hidden": _WIDTH, "pred_hidden": 16, "joint_hidden": 16},
    "decoder": {
        "_target_": _MODULES + "RNNTDecoder",
        "blank_as_pad": True,
        "prednet": {"pred_hidden": 16, "pred_rnn_layers": 1},
    },
    "joint": {
        "_target_": _MODULES + "RNNTJoint",
        "jointnet": {"joint_hidden": 16, "activation": "relu"},
    },
    "decoding": {"strategy": "greedy_batch", "greedy": {"max_symbols": 2}},
}
_CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "EncDecCTCModel": {"decoder": _CTC_DECODER},
    "EncDecCTCModelBPE": {"decoder": _CTC_DECODER | {"num_classes": -1, "vocabulary": []}},
    "EncDecRNNTBPEModel": _TRANSDUCER,
    "EncDecRNNTModel": _TRANSDUCER,
    "EncDecHybridRNNTCTCBPEModel": _TRANSDUCER
    | {
        "aux_ctc": {
            "ctc_loss_weight": 0.3,
            "decoder": _CTC_DECODER | {"num_classes": -1, "vocabulary": []},
            "decoding": {"strategy": "greedy"},
        }
    },
}
KINDS = tuple(_CONFIGURATIONS)
