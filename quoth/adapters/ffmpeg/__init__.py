"""Decoding with ffmpeg as a process of its own."""
