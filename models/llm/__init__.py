"""Chat by any OpenAI-compatible API, in a process of its own."""
