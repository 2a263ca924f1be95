"""The chat process: questions come in on stdin, answers go out on stdout (`models.llm.base`).

    python -m models.llm.worker

Ends when stdin does.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from contextlib import suppress

from models.llm.base import LlmConfig
from models.pipes import Pipes

log = logging.getLogger("mien.chat")


async def serve() -> None:
    """Answer with what the first message says. Raises `EOFError` when it says nothing."""
    pipes = await Pipes.open()
    config = await pipes.read()
    if not isinstance(config, LlmConfig):
        raise EOFError("no configuration")
    from models.llm.answers import Answers  # not before the environment is without the client's own settings

    await Answers(config, pipes).run()


def main() -> None:
    """Serve until stdin ends."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    # The client would take its address, key, headers and how much it logs from here: only our settings decide.
    for name in [name for name in os.environ if name.startswith("OPENAI_")]:
        del os.environ[name]
    try:
        _run()
    except* OSError:
        log.info("nobody listens any more")
    except* EOFError as errors:
        log.error("%s", errors.exceptions[0])


def _run() -> None:
    with suppress(ImportError):  # not made for Windows
        import uvloop

        uvloop.run(serve())
        return
    asyncio.run(serve())


if __name__ == "__main__":
    main()
