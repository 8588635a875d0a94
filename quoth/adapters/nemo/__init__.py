"""Speech recognition with NVIDIA NeMo: Parakeet and every other TDT, RNNT and CTC model."""
