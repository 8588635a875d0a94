"""Quoth: audio in, a transcript of who said what, when, out."""

__version__ = "0.1.0"
