"""What a transcript is and how words meet speakers: values and pure functions, no I/O."""
