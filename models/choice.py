"""The engine that a command asks: the one named, or the first of the chain that loads."""

from __future__ import annotations

import sys

from tqdm import tqdm

from models.base import Engine, EngineStatus, EngineUnavailable
from models.catalog import EngineName, create, not_set_up
from models.loading import loaded
from models.settings import EngineSettings


def loaded_engine(name: EngineName | None, settings: EngineSettings) -> Engine:
    """Load an engine, with progress on stderr, where also those passed over are named.

    Raises `EngineUnavailable` when none loads.
    """
    reasons = []
    for each in settings.emotion_engines if name is None else (name,):
        config = settings.engine(each)
        missing = not_set_up(config)
        if missing is not None:
            reasons.append(f"{each}: {missing}")
            continue
        engine = create(config)
        status = _load(engine)
        if status.state == "ready":
            return engine
        reasons.append(f"{each}: {status.reason}")
        print(f"The engine {each} is not available: {status.reason}", file=sys.stderr)
    raise EngineUnavailable("; ".join(reasons), "load_failed")


def _load(engine: Engine) -> EngineStatus:
    with tqdm(
        total=100,
        desc=f"Loading {engine.name}",
        unit="%",
        leave=False,
        delay=1.0,
        disable=None,
        bar_format="{desc} {percentage:3.0f} % |{bar}|",
    ) as bar:

        def show(share: float) -> None:
            bar.update(share * 100 - bar.n)

        return loaded(engine, show)
