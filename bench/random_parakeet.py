"""Build a Parakeet TDT 0.6B of true shape with random weights: for memory and speed, never words.

    python bench/random_parakeet.py OUT SPEECH [--onnx]

Writes OUT/parakeet.nemo and, with --onnx, OUT/onnx/ for sherpa-onnx, quantised as its published
models are. Needs the packages nemo_toolkit[asr] and, for --onnx, onnx and onnxruntime.

Random weights emit the same token at every frame or none, and how long decoding takes depends on
it. So the joint network's layer over the encoder is centred and made louder until what it gives
depends on what is heard, and the bias of its blank is set, by bisection on the recording SPEECH,
to where decoding gives about 3 tokens a second, as Parakeet does on English; for sherpa-onnx once
more, because quantisation moves it.
"""

import argparse
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from quoth.adapters.pytorch.torchaudio import import_torchaudio

TOKENS_PER_SECOND = 3.0
NEAR_ENOUGH = 0.2
CALIBRATION_SECONDS = 30.0
BISECTIONS = 16
LARGEST_BIAS = 60.0
LOUDNESS = 10.0
"""Standard deviation of what the joint network takes from the encoder."""
DURATIONS = [0, 1, 2, 3, 4]
VOCABULARY = 1024
SAMPLE_RATE = 16_000


def configuration(tokenizer: Path) -> dict[str, Any]:
    """Return the configuration of nvidia/parakeet-tdt-0.6b-v2, as its card and sizes tell it."""
    data = {
        "manifest_filepath": None,
        "sample_rate": SAMPLE_RATE,
        "batch_size": 1,
        "shuffle": False,
    }
    return {
        "sample_rate": SAMPLE_RATE,
        "compute_eval_loss": False,
        "log_prediction": False,
        "model_defaults": {
            "enc_hidden": 1024,
            "pred_hidden": 640,
            "joint_hidden": 640,
            "tdt_durations": DURATIONS,
            "num_tdt_durations": len(DURATIONS),
        },
        "train_ds": data,
        "validation_ds": data,
        "tokenizer": {"dir": str(tokenizer), "type": "bpe"},
        "preprocessor": {
            "_target_": "nemo.collections.asr.modules.AudioToMelSpectrogramPreprocessor",
            "sample_rate": SAMPLE_RATE,
            "normalize": "per_feature",
            "window_size": 0.025,
            "window_stride": 0.01,
            "features": 128,
            "n_fft": 512,
            "dither": 0.0,
        },
        "encoder": {
            "_target_": "nemo.collections.asr.modules.ConformerEncoder",
            "feat_in": 128,
            "feat_out": -1,
            "n_layers": 24,
            "d_model": 1024,
            "use_bias": False,
            "subsampling": "dw_striding",
            "subsampling_factor": 8,
            "subsampling_conv_channels": 256,
            "ff_expansion_factor": 4,
            "self_attention_model": "rel_pos",
            "n_heads": 8,
            "att_context_size": [-1, -1],
            "xscaling": False,
            "pos_emb_max_len": 5000,
            "conv_kernel_size": 9,
            "conv_norm_type": "batch_norm",
        },
        "decoder": {
            "_target_": "nemo.collections.asr.modules.RNNTDecoder",
            "blank_as_pad": True,
            "prednet": {"pred_hidden": 640, "pred_rnn_layers": 2, "dropout": 0.0},
        },
        "joint": {
            "_target_": "nemo.collections.asr.modules.RNNTJoint",
            "log_softmax": None,
            "fuse_loss_wer": True,
            "fused_batch_size": 4,
            "jointnet": {"joint_hidden": 640, "activation": "relu", "dropout": 0.0},
            "num_extra_outputs": len(DURATIONS),
        },
        "decoding": {
            "strategy": "greedy_batch",
            "model_type": "tdt",
            "durations": DURATIONS,
            "greedy": {"max_symbols": 10},
        },
        "loss": {"loss_name": "tdt", "tdt_kwargs": {"durations": DURATIONS, "sigma": 0.02}},
    }


def make_tokenizer(folder: Path) -> None:
    """Train a tokenizer of the right size on made-up words."""
    import sentencepiece  # noqa: PLC0415 - comes with NeMo

    chance = np.random.default_rng(0)
    syllables = [a + b for a in "bcdfghjklmnprstvwz" for b in "aeiou"]
    words = ["".join(chance.choice(syllables, chance.integers(1, 5))) for _ in range(6000)]
    lines = [" ".join(chance.choice(words, 12)) for _ in range(8000)]
    corpus = folder / "corpus.txt"
    corpus.write_text("\n".join(lines))
    sentencepiece.SentencePieceTrainer.train(
        input=str(corpus),
        model_prefix=str(folder / "tokenizer"),
        vocab_size=VOCABULARY,
        model_type="bpe",
        character_coverage=1.0,
        unk_id=0,
        bos_id=-1,
        eos_id=-1,
        pad_id=-1,
        minloglevel=2,
    )
    processor = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
    pieces = (processor.id_to_piece(index) for index in range(1, processor.vocab_size()))
    vocabulary = [piece[1:] if piece.startswith("\u2581") else f"##{piece}" for piece in pieces]
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n")


def build(folder: Path) -> Any:
    """Return the model, its weights random from a fixed seed."""
    import torch  # noqa: PLC0415

    import_torchaudio()
    from nemo.collections.asr.models import EncDecRNNTBPEModel  # noqa: PLC0415
    from omegaconf import OmegaConf  # noqa: PLC0415

    torch.manual_seed(0)
    make_tokenizer(folder)
    model = EncDecRNNTBPEModel(cfg=OmegaConf.create(configuration(folder)))
    return model.eval()


def read_speech(path: Path, seconds: float) -> np.ndarray:
    """Return the beginning of a recording at 16 kHz: float32, shape (n,)."""
    import soundfile  # noqa: PLC0415

    samples, rate = soundfile.read(path, dtype="float32", frames=round(seconds * SAMPLE_RATE))
    if rate != SAMPLE_RATE or samples.ndim != 1:
        raise SystemExit(f"{path} must have one channel at {SAMPLE_RATE} Hz")
    return np.asarray(samples, np.float32)


def calibrate(model: Any, speech: np.ndarray) -> float:
    """Let the model give about 3 tokens a second; return how many it gives.

    Args:
        model: NeMo's, on any device and in any precision, features made in float32.
        speech: float32 at 16 kHz, shape (n,).
    """
    import torch  # noqa: PLC0415

    seconds = len(speech) / SAMPLE_RATE
    weights = next(model.encoder.parameters())
    with torch.inference_mode():
        features, lengths = model.preprocessor(
            input_signal=torch.from_numpy(speech)[None].to(weights.device),
            length=torch.tensor([len(speech)], device=weights.device),
        )
        encoded, lengths = model.encoder(audio_signal=features.to(weights.dtype), length=lengths)
    with torch.no_grad():
        let_hear(torch, model, encoded[0, :, : int(lengths[0])].T)

    def rate(blank_bias: float) -> float:
        with torch.no_grad():
            model.joint.joint_net[-1].bias[len(model.joint.vocabulary)] = blank_bias
        with torch.inference_mode():
            (found,) = model.decoding.rnnt_decoder_predictions_tensor(
                encoded, lengths, return_hypotheses=True
            )
        return len(found.y_sequence) / seconds

    return bisect(rate)


def let_hear(torch: Any, model: Any, frames: Any) -> None:
    """Make the joint network of random weights depend on what the encoder hears.

    As drawn it hardly does: it gives the same token at every frame or at none, whatever is said.
    So what it makes of the encoder's frames, shape (n, 1024), gets a mean of 0 and a deviation
    of 10 over them.
    """
    layer = model.joint.enc
    centre = frames.float().mean(dim=0)
    swing = torch.nn.functional.linear(frames.float() - centre, layer.weight.float()).std()
    layer.weight.mul_(LOUDNESS / swing.to(layer.weight.dtype))
    layer.bias.copy_(-(layer.weight.float() @ centre))


def bisect(rate: Callable[[float], float]) -> float:
    """Find a bias of the blank with about 3 tokens a second; return how many there are.

    Args:
        rate: tokens a second at a bias; it falls as that grows, though not evenly.
    """
    low, high, found = -LARGEST_BIAS, LARGEST_BIAS, 0.0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        found = rate(middle)
        if abs(found - TOKENS_PER_SECOND) < NEAR_ENOUGH:
            break
        low, high = (low, middle) if found < TOKENS_PER_SECOND else (middle, high)
    return found


def export(model: Any, out: Path) -> None:
    """Write the model for sherpa-onnx: three networks in int8 and the tokens."""
    import onnx  # noqa: PLC0415
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415

    out.mkdir(parents=True, exist_ok=True)
    tokens = [*model.joint.vocabulary, "<blk>"]
    lines = (f"{token} {index}\n" for index, token in enumerate(tokens))
    (out / "tokens.txt").write_text("".join(lines), encoding="utf-8")
    metadata = {
        "vocab_size": model.decoder.vocab_size,
        "normalize_type": model.cfg.preprocessor.normalize,
        "pred_rnn_layers": model.decoder.pred_rnn_layers,
        "pred_hidden": model.decoder.pred_hidden,
        "subsampling_factor": model.encoder.subsampling_factor,
        "feat_dim": model.cfg.preprocessor.features,
        "model_type": "EncDecRNNTBPEModel",
        "version": "2",
        "model_author": "NeMo",
        "url": "parakeet-tdt with random weights",
    }
    parts = {"encoder": model.encoder, "decoder": model.decoder, "joiner": model.joint}
    for name, network in parts.items():
        with tempfile.TemporaryDirectory() as scratch:
            whole = Path(scratch) / f"{name}.onnx"
            network.export(str(whole))
            kind = QuantType.QUInt8 if name == "encoder" else QuantType.QInt8
            quantize_dynamic(whole, out / f"{name}.int8.onnx", weight_type=kind)
        written = onnx.load(out / f"{name}.int8.onnx")
        del written.metadata_props[:]
        for key, value in metadata.items():
            written.metadata_props.add(key=key, value=str(value))
        onnx.save(written, out / f"{name}.int8.onnx")


def calibrate_onnx(out: Path, speech: np.ndarray) -> float:
    """Set the bias of the blank in the quantised joint network; return the tokens a second."""
    import onnx  # noqa: PLC0415
    import sherpa_onnx  # noqa: PLC0415
    from onnx import numpy_helper  # noqa: PLC0415

    joiner = out / "joiner.int8.onnx"
    network = onnx.load(joiner)
    classes = VOCABULARY + 1 + len(DURATIONS)
    bias = next(each for each in network.graph.initializer if list(each.dims) == [classes])
    values = numpy_helper.to_array(bias).copy()

    def rate(blank_bias: float) -> float:
        values[VOCABULARY] = blank_bias
        bias.CopyFrom(numpy_helper.from_array(values, bias.name))
        onnx.save(network, joiner)
        recogniser = sherpa_onnx.OfflineRecognizer.from_transducer(
            *(str(out / f"{name}.int8.onnx") for name in ("encoder", "decoder", "joiner")),
            str(out / "tokens.txt"),
            num_threads=2,
            model_type="nemo_transducer",
        )
        stream = recogniser.create_stream()
        stream.accept_waveform(SAMPLE_RATE, speech)
        recogniser.decode_stream(stream)
        return len(stream.result.tokens) * SAMPLE_RATE / len(speech)

    return bisect(rate)


def main() -> None:
    """Build, calibrate, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("speech", type=Path)
    parser.add_argument("--onnx", action="store_true")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        model = build(Path(scratch))
        speech = read_speech(arguments.speech, CALIBRATION_SECONDS)
        rate = calibrate(model, speech)
        model.save_to(str(arguments.out / "parakeet.nemo"))
        if arguments.onnx:
            export(model, arguments.out / "onnx")
            rate = calibrate_onnx(arguments.out / "onnx", speech)
    parameters = sum(each.numel() for each in model.parameters())
    print(json.dumps({"parameters": parameters, "tokens_per_second": round(rate, 2)}))


if __name__ == "__main__":
    main()
