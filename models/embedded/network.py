"""One TensorFlow Lite file, loaded once and run on one core."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.base import EngineUnavailable
from models.embedded.wheels import INSTALL_HINT, WheelFile


class Network:
    """A model file with one float input. Calls are not safe from several threads at once."""

    def __init__(self, file: WheelFile) -> None:
        """Load `file`. Raises `EngineUnavailable` when it, or the runtime, is not installed or does not load."""
        path = file.locate()
        try:
            interpreter_type: Any = import_module("ai_edge_litert.interpreter").Interpreter
        except ImportError as error:
            raise EngineUnavailable(
                f"ai-edge-litert does not load ({error}): {INSTALL_HINT}", "not_installed"
            ) from error
        try:
            self._interpreter: Any = interpreter_type(str(path), num_threads=1)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise EngineUnavailable(
                f"{path.name} of {file.distribution} does not load: {error}", "load_failed"
            ) from error
        self._input: int = self._interpreter.get_input_details()[0]["index"]
        self._outputs: list[int] = [detail["index"] for detail in self._interpreter.get_output_details()]

    def __call__(self, image: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Run on one image of shape (height, width, channels); outputs without their batch dimension."""
        self._interpreter.set_tensor(self._input, image[np.newaxis])
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(index)[0] for index in self._outputs]
