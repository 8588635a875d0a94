"""What a .nemo file may and may not be, found out before NeMo or torch see it."""

import pickle
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from quoth.adapters.nemo.checkpoint import read_checkpoint
from quoth.domain.errors import EngineUnavailable
from tests.nemo_models import write_nemo_file
from tests.tiny_parakeet import NEMO_FILE

SPEAKS = "nemo.collections.asr.models.rnnt_bpe_models.EncDecRNNTBPEModel"
HARMLESS: dict[str, Any] = {"target": SPEAKS, "sample_rate": 16_000}


def nemo_file(folder: Path, configuration: object, **members: bytes) -> Path:
    text = configuration if isinstance(configuration, bytes) else yaml.dump(configuration).encode()
    return write_nemo_file(folder, text, **members)


def refusal(path: Path) -> str:
    with pytest.raises(EngineUnavailable) as error:
        read_checkpoint(path)
    return str(error.value)


def test_a_parakeet_is_a_transducer_and_reading_that_loads_nothing_heavy() -> None:
    before = {name for name in ("torch", "nemo") if name in sys.modules}
    checkpoint = read_checkpoint(NEMO_FILE)
    assert checkpoint.kind == "transducer"
    assert len(checkpoint.configuration["labels"]) == 112
    assert {name for name in ("torch", "nemo") if name in sys.modules} == before


@pytest.mark.parametrize("kept", [0, 1, 511, 512, 4096, 20_000, 1_000_000, 3_770_000])
def test_a_file_cut_short_is_said_to_be_damaged(kept: int, tmp_path: Path) -> None:
    path = tmp_path / "cut.nemo"
    path.write_bytes(NEMO_FILE.read_bytes()[:kept])
    told = refusal(path)
    assert "damaged" in told
    assert "NEMO_MODEL" in told


@pytest.mark.parametrize(
    "content", [b"not a tar" * 1000, b"PK\x03\x04" + bytes(2000), bytes(20_000), b"\x1f\x8b" * 600]
)
def test_what_is_no_tar_is_said_to_be_damaged(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "other.nemo"
    path.write_bytes(content)
    assert "damaged" in refusal(path)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    assert "No such file" in refusal(tmp_path / "absent.nemo")


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"- a\n- list\n",
        b"target: [unclosed",
        b"\xff\xfe\x00",
        b"a: !!python/object/apply:os.getcwd []",
    ],
)
def test_a_configuration_that_is_none_is_refused(text: bytes, tmp_path: Path) -> None:
    assert "damaged" in refusal(nemo_file(tmp_path, text))


@pytest.mark.parametrize("lost", ["model_config.yaml", "model_weights.ckpt"])
def test_a_file_without_weights_or_configuration_is_refused(lost: str, tmp_path: Path) -> None:
    path = tmp_path / "half.nemo"
    with tarfile.open(NEMO_FILE) as whole, tarfile.open(path, "w") as half:
        for member in whole:
            if not member.name.endswith(lost):
                half.addfile(member, whole.extractfile(member) if member.isfile() else None)
    assert lost in refusal(path)


@pytest.mark.parametrize(
    "target",
    [
        "nemo.collections.asr.models.EncDecSpeakerLabelModel",
        "nemo.collections.asr.models.aed_multitask_models.EncDecMultiTaskModel",
        "nemo.collections.tts.models.FastPitchModel",
        "evil.EncDecRNNTBPEModel",
        "nemo.collections.asr.models_of_mine.EncDecRNNTBPEModel",
        None,
    ],
)
def test_a_model_that_does_not_make_words_is_refused(target: str | None, tmp_path: Path) -> None:
    told = refusal(nemo_file(tmp_path, HARMLESS | {"target": target}))
    assert "another kind" in told
    assert "parakeet-tdt-0.6b-v3" in told


@pytest.mark.parametrize(
    "part",
    [
        {"preprocessor": {"_target_": "os.system", "command": "touch here"}},
        {"encoder": {"layers": [{"deep": [{"_target_": "subprocess.Popen"}]}]}},
        {"optim": {"_target_": "nemo.collections.asr_evil.Thing"}},
        {"decoder": {"cls": "builtins.eval"}},
        {"joint": {"_target_": ["os.system"]}},
    ],
)
def test_a_configuration_that_names_other_code_is_refused(
    part: dict[str, Any], tmp_path: Path
) -> None:
    assert "malicious" in refusal(nemo_file(tmp_path, HARMLESS | part))


def test_code_of_nemo_itself_is_not_refused(tmp_path: Path) -> None:
    part = {"encoder": {"_target_": "nemo.collections.asr.modules.ConformerEncoder"}}
    assert read_checkpoint(nemo_file(tmp_path, HARMLESS | part)).kind == "transducer"


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside", "a/../../outside"])  # noqa: S108
def test_a_member_that_would_be_written_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    assert "inside" in refusal(nemo_file(tmp_path, HARMLESS, **{name: b"x"}))


def test_a_link_in_the_file_is_refused(tmp_path: Path) -> None:
    path = nemo_file(tmp_path, HARMLESS)
    with tarfile.open(path, "a") as tar:
        link = tarfile.TarInfo("vocab.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    assert "inside" in refusal(path)


def test_a_tokenizer_that_would_be_downloaded_is_refused(tmp_path: Path) -> None:
    part = {"tokenizer": {"type": "hf", "name": "somebody/tokenizer"}}
    assert "tokenizer" in refusal(nemo_file(tmp_path, HARMLESS | part))


def test_another_sample_rate_is_refused(tmp_path: Path) -> None:
    assert "8000" in refusal(nemo_file(tmp_path, HARMLESS | {"sample_rate": 8000}))


class Malice:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.write_text, (self.path, "here")


def test_weights_are_not_unpickled_to_see_what_a_model_is(tmp_path: Path) -> None:
    trap = pickle.dumps(Malice(tmp_path / "sprung"))
    read_checkpoint(nemo_file(tmp_path, HARMLESS, **{"model_weights.ckpt": trap}))
    assert not (tmp_path / "sprung").exists()
