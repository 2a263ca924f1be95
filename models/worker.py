"""The analysis process: jobs come in on stdin, replies go out on stdout, as `models.jobs` has them.

    python -m models.worker

Ends when stdin does. Whatever a job does wrong is answered, and the process lives on.
"""

from __future__ import annotations

import os

# One core is one analysis process: numpy's linear algebra reads this when it is first imported.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

import logging  # noqa: E402
import pickle  # noqa: E402
import struct  # noqa: E402
import sys  # noqa: E402
from time import perf_counter  # noqa: E402
from typing import BinaryIO  # noqa: E402

from models.base import ClipUnreadable, Engine, EngineStatus, EngineUnavailable  # noqa: E402
from models.decode import decode_clip  # noqa: E402
from models.embedded import EmbeddedEngine  # noqa: E402
from models.jobs import Analyze, Analyzed, Failed, Forget, Job, Pictured, Ready, Reply, Thumbnail  # noqa: E402
from models.thumbnail import NoVideo, thumbnail  # noqa: E402

NICENESS = 5
"""Media is served first; an answer may come a moment later."""

LENGTH = struct.Struct(">I")

logger = logging.getLogger("mien.worker")


def serve(jobs: BinaryIO, replies: BinaryIO, engine: Engine) -> None:
    """Load the engine, say `Ready`, then answer jobs until they end."""
    send(replies, Ready(engines=(loaded(engine),)))
    while (job := receive(jobs)) is not None:
        reply = answer(job, engine)
        if reply is not None:
            send(replies, reply)


def loaded(engine: Engine) -> EngineStatus:
    """Load an engine and say how that went."""
    try:
        engine.load()
    except EngineUnavailable as error:
        return EngineStatus(name=engine.name, state="unavailable", reason=str(error))
    return EngineStatus(name=engine.name, state="ready")


def answer(job: Job, engine: Engine) -> Reply | None:
    """Do one job. Whatever goes wrong becomes a `Failed`."""
    if isinstance(job, Forget):
        engine.forget(job.session_id)
        return None
    try:
        if isinstance(job, Thumbnail):
            return Pictured(job_id=job.job_id, jpeg=thumbnail(job.data))
        return analyzed(job, engine)
    except ClipUnreadable as error:
        return Failed(job_id=job.job_id, code="clip_unreadable", message=str(error))
    except NoVideo as error:
        return Failed(job_id=job.job_id, code="no_video", message=str(error))
    except EngineUnavailable as error:
        return Failed(job_id=job.job_id, code="analysis_failed", message=str(error))
    except Exception as error:
        logger.exception("job %d failed", job.job_id)
        return Failed(job_id=job.job_id, code="analysis_failed", message=f"{type(error).__name__}: {error}")


def analyzed(job: Analyze, engine: Engine) -> Analyzed:
    """Decode what the engine has not seen of a clip, and have it answer."""
    began = perf_counter()
    session_id = job.session_id
    clip = decode_clip(
        job.data,
        start=job.start,
        end=job.end,
        wanted=lambda times: engine.wanted(session_id, times),
        heard_until=engine.heard_until(session_id),
    )
    decode_ms = (perf_counter() - began) * 1000
    return Analyzed(job_id=job.job_id, result=engine.analyze(clip, session_id, decode_ms=decode_ms))


def receive(stream: BinaryIO) -> Job | None:
    """The next job; None at the end of the stream, be it in the middle of a job."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    body = stream.read(length)
    if len(body) < length:
        return None
    job: Job = pickle.loads(body)  # from our own parent process, over its pipe
    return job


def send(stream: BinaryIO, reply: Reply) -> None:
    """Write one reply and flush it."""
    body = pickle.dumps(reply, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(LENGTH.pack(len(body)) + body)
    stream.flush()


def main() -> None:
    """Keep stdout for replies alone, whatever libraries print, and serve."""
    os.nice(NICENESS)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    with os.fdopen(os.dup(1), "wb") as replies:
        os.dup2(2, 1)
        try:
            serve(sys.stdin.buffer, replies, EmbeddedEngine())
        except BrokenPipeError:
            logger.info("nobody reads the replies any more")


if __name__ == "__main__":
    main()
