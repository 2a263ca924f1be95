"""The engine that asks a Qwen-Omni model on this machine: weights, inputs, the conversation, the answer."""
