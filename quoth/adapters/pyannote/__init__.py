"""Telling speakers apart with pyannote.audio: community-1, 3.1, or networks of one's own."""
