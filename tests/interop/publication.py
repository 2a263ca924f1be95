"""What becomes of a stream that a program of others publishes, until nothing is left of it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import av
import psutil

from tests.media import probed
from tests.server import Server, serving
from tests.webrtc.publishing import told

CLIPS = 3
"""A stream is ended when so many of its clips have been kept."""
HELD_AT_MOST = 10
"""Seconds within which a stream is over whose client has gone without a word: packets are missed for 4.5 s first."""


@dataclass(slots=True)
class Publication:
    """What was seen of a stream. `events` are names and data in their order; `client` is what its program said, and
    `returned` the status that it ended with."""

    session_id: str = ""
    events: list[tuple[str, Any]] = field(default_factory=list)
    status: dict[str, Any] = field(default_factory=dict)
    clips: list[Path] = field(default_factory=list)
    recordings: list[Path] = field(default_factory=list)
    session: dict[str, Any] = field(default_factory=dict)
    client: str = ""
    returned: int | None = None

    def named(self, name: str) -> list[Any]:
        return [data for each, data in self.events if each == name]

    @property
    def expressions(self) -> set[str]:
        return {result["emotion"] for result in self.named("emotion_result")}

    @property
    def end_reason(self) -> str:
        return self.session["end_reason"]


async def publish(
    data: Path,
    command: Callable[[str], Sequence[str | Path]],
    codecs: set[str],
    *,
    stop: int | None = signal.SIGINT,
    within: float = 15.0,
    **environment: str,
) -> Publication:
    """Let a client publish, and check what every stream must come to: clips that play from their first frame with
    picture and sound, a smile that is read as server-sent events, a recording of the whole call, nothing left behind.

    `command` makes the client's command line of the address of the WHIP endpoint. The client is sent the signal `stop`
    when there have been three clips and a label, or is waited for where that is None. `environment` adds to ours.
    """
    seen = Publication()
    async with serving(data, whip_consent="analysis,recording", emotion_engines="embedded") as server:
        await server.until(lambda status: status["analysis"]["engines"][0]["state"] == "ready", within=60)
        before = _held()
        async with _running(command(f"{server.url}/whip"), data / "client.log", environment) as client:
            try:
                await asyncio.wait_for(_read_along(server, seen), within)
                seen.status = (await server.status())["sessions"][0]
                if stop is not None:
                    client.send_signal(stop)
                seen.returned = await asyncio.wait_for(client.wait(), within)
            except (TimeoutError, IndexError) as error:
                raise AssertionError(f"{seen}\n{_said(data)}") from error
        seen.client = _said(data)
        await server.until(lambda status: status["sessions"] == [], within=HELD_AT_MOST)
        seen.session = await _told_of(server, seen.session_id)
        await _let_go(before)
        seen.clips = server.videos
        seen.recordings = await _finished(data / "recordings")
    _check(seen, codecs)
    return seen


def _check(seen: Publication, codecs: set[str]) -> None:
    assert len(seen.clips) >= CLIPS and seen.status["frames_unknown_codec"] == 0
    for path in [*seen.clips, *seen.recordings]:
        assert set(probed(path)) == codecs
        plays_from_its_first_frame(path)
    assert [path.suffix for path in seen.recordings] == [seen.clips[0].suffix], "one, and finished"
    assert "happy" in seen.expressions, seen.named("emotion_result")


def plays_from_its_first_frame(path: Path) -> None:
    """Every packet of the picture becomes a frame, the first too, and there is sound."""
    packets, frames = {"video": [], "audio": []}, {"video": [], "audio": []}
    with av.open(str(path)) as file:
        for packet in file.demux():
            kind = packet.stream.type
            packets[kind] += [packet.pts] if packet.size else []
            frames[kind] += [frame.pts for frame in packet.decode()]
    assert sorted(packets["video"]) == sorted(frames["video"]), path
    assert frames["video"] and len(frames["audio"]) > 10, path


@asynccontextmanager
async def _running(
    command: Sequence[str | Path], log: Path, environment: Mapping[str, str]
) -> AsyncIterator[asyncio.subprocess.Process]:
    with log.open("wb") as out:
        client = await asyncio.create_subprocess_exec(
            *map(str, command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=os.environ | environment,
        )
    try:
        yield client
    finally:
        if client.returncode is None:
            client.kill()
            await client.wait()


def _said(data: Path) -> str:
    return (data / "client.log").read_text(errors="replace")


async def _read_along(server: Server, seen: Publication) -> None:
    """Until there have been enough clips, and a label of the picture that is sent."""
    status = await server.until(lambda status: status["sessions"], within=60)
    seen.session_id = status["sessions"][0]["session_id"]
    async with (
        aiohttp.ClientSession(server.url) as http,
        http.get(f"/api/sessions/{seen.session_id}/events") as response,
    ):
        async for name, data, _ in told(response):
            seen.events.append((name, data))
            if len(seen.named("clip_saved")) >= CLIPS and seen.expressions - {"unknown"}:
                return


async def _told_of(server: Server, session_id: str) -> dict[str, Any]:
    async with (
        aiohttp.ClientSession(server.url) as http,
        http.get(f"/api/sessions/{session_id}") as response,
    ):
        session: dict[str, Any] = await response.json()
        return session


async def _finished(folder: Path) -> list[Path]:
    """The recordings, when all have been made quick to seek in, which is done after the call."""
    async with asyncio.timeout(5):
        while list(folder.glob("*.part")):
            await asyncio.sleep(0.05)
    return sorted(folder.iterdir())


def _held() -> tuple[Counter[str], int]:
    """The tasks that there are by what they run, and how many UDP sockets."""
    tasks = Counter(str(task.get_coro().__qualname__) for task in asyncio.all_tasks())
    return tasks, len(psutil.Process().net_connections("udp"))


async def _let_go(before: tuple[Counter[str], int]) -> None:
    for _ in range(100):
        tasks, sockets = _held()
        if not (left := tasks - before[0]) and sockets <= before[1]:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"left behind: {left}, {sockets - before[1]} sockets")
