"""Parakeet and its kin on sherpa-onnx: exact words on a plain processor."""
