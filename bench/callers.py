"""Callers in a process of their own, told what to do by lines on stdin: `mark` begins to measure, `end` reports."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from bench.caller import Caller, Source


def main() -> None:
    """`python -m bench.callers --url URL -n N --media FILE [--record] [--analyse]`"""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("-n", type=int, required=True)
    parser.add_argument("--media", type=Path, required=True)
    parser.add_argument("--ping", type=float, default=0.2, help="seconds between two pings")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--analyse", action="store_true")
    asyncio.run(_call(parser.parse_args()))


async def _call(arguments: argparse.Namespace) -> None:
    source = Source.read(arguments.media)
    consent = {"analysis": arguments.analyse, "recording": arguments.record}
    callers = []
    for _ in range(arguments.n):
        caller = Caller(arguments.url, source, consent=consent, ping=arguments.ping)
        await caller.connect()
        if arguments.record:
            caller.say("start_recording")
        callers.append(caller)
        await asyncio.sleep(0.13)  # so that their seconds do not fall together
    print("connected", flush=True)
    marked = 0.0
    while (line := await _line()) != "end":
        if line == "mark":
            marked = time.monotonic()
            for caller in callers:
                caller.messages.clear()
                caller.pongs.clear()
    print(json.dumps(_report(callers, marked)), flush=True)
    await asyncio.gather(*(caller.close() for caller in callers))


async def _line() -> str:
    return (await asyncio.to_thread(sys.stdin.readline)).strip() or "end"


def _report(callers: list[Caller], marked: float) -> dict[str, Any]:
    lag = [m["load"]["loop_lag_ms"] for caller in callers for m in caller.pongs]
    labels = [m["latency"]["total"] for caller in callers for m in caller.heard("emotion_result")]
    return {
        "round_trips": [ms for caller in callers for at, ms in caller.round_trips if at - ms / 1e3 >= marked],
        "connected_after": [caller.connected_after for caller in callers],
        "loop_lag_ms": max(lag, default=0.0),
        "label_ms": labels,
        "alive": sum(caller.peer.connectionState == "connected" for caller in callers),
    }


if __name__ == "__main__":
    main()
