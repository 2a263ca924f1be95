"""The engine that comes with the product: works offline, on any processor, from files inside installed wheels."""

from models.embedded.engine import EmbeddedEngine

__all__ = ["EmbeddedEngine"]
