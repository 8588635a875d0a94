"""The models there are, as far as this version needs to know."""

PARAKEET_V3_LANGUAGES = tuple(
    "bg cs da de el en es et fi fr hr hu it lt lv mt nl pl pt ro ru sk sl sv uk".split()  # noqa: SIM905
)
"""What Parakeet TDT 0.6B v3 recognises (ISO 639-1), as NVIDIA's card of it says."""
