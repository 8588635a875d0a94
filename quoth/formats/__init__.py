"""Transcripts as text, for people and programs: pure functions over `Transcript`."""
