"""An OpenAI-compatible server for tests: takes what vLLM takes, and answers from what it was sent."""

from tests.openai_server.behaviour import MODEL, Behaviour
from tests.openai_server.schema import ChatRequest
from tests.openai_server.server import OpenAIServer, Served

__all__ = ["MODEL", "Behaviour", "ChatRequest", "OpenAIServer", "Served"]
