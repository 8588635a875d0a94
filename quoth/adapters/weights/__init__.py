"""Fetching models, keeping them, and holding them against what they should be."""
