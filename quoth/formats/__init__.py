"""A transcript as text: pure functions that render one, and parsers that read it back."""
