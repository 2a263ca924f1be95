"""The stand-in by itself, for trying Mien's chat without an account: `python -m tests.openai_server`."""

from __future__ import annotations

import argparse
import signal

from tests.openai_server import Behaviour, OpenAIServer


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m tests.openai_server", description=__doc__)
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--pace", type=float, default=0.02, help="seconds between tokens")
    parser.add_argument("--thinks", action="store_true", help="thoughts come before each answer")
    parser.add_argument("--stamps", type=int, help="answer with so many moments, for measuring")
    given = parser.parse_args()
    # Blocked in all threads, so that it is this one that waits for them.
    signals = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    behaviour = Behaviour(
        pace=given.pace, thinks=given.thinks, tokens=given.stamps, stamps=given.stamps is not None
    )
    with OpenAIServer(behaviour, port=given.port) as server:
        print(f"An OpenAI-compatible server that echoes: OPENAI_API_BASE={server.url}", flush=True)
        signal.sigwait(signals)


if __name__ == "__main__":
    main()
