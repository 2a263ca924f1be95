"""The engine that asks a model on an OpenAI-compatible server, such as vLLM: clips leave this machine for it."""
