"""The chat: conversations, what waits in them, and the process that asks the provider."""
