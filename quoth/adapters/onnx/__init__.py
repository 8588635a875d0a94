"""Speech detection and diarization on ONNX Runtime."""
