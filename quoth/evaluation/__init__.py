"""How fast and how right: recordings with known words and speakers, measured end to end."""
