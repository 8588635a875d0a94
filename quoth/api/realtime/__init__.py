"""Live transcription over WebSocket, as OpenAI has it."""
