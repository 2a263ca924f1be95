"""An analysis process with one engine in it: jobs come in on stdin, replies go out on stdout (`models.jobs`).

    python -m models.worker

Ends when stdin does. Whatever a job does wrong is answered, and the process lives on.
"""

from __future__ import annotations

import os

# One core is one analysis process, unless its engine says otherwise: numpy's linear algebra reads this at import.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

import logging  # noqa: E402
import sys  # noqa: E402
from collections import OrderedDict  # noqa: E402
from collections.abc import Callable, Iterator  # noqa: E402
from concurrent.futures import ThreadPoolExecutor  # noqa: E402
from threading import Lock  # noqa: E402
from time import perf_counter  # noqa: E402
from typing import BinaryIO, cast  # noqa: E402

from models.base import EmotionResult, Engine, EngineFailed, EngineStatus, EngineUnavailable  # noqa: E402
from models.catalog import create  # noqa: E402
from models.decode import decode_clip  # noqa: E402
from models.files import windows  # noqa: E402
from models.jobs import (  # noqa: E402
    Analyze,
    Analyzed,
    Configure,
    Failed,
    Forget,
    Job,
    Loaded,
    Loading,
    NextWindow,
    Pictured,
    Reply,
    Thumbnail,
)
from models.loading import cause, loaded, said  # noqa: E402
from models.pipes import pack, read  # noqa: E402
from models.thumbnail import thumbnail  # noqa: E402

NICENESS = 5
"""Media is served first; an answer may come a moment later."""

MOST_FILES = 32
"""Files that are being read at a time; the one longest unused is let go."""

logger = logging.getLogger("mien.worker")


class Worker:
    """Answers jobs with one engine, or without one, then only those that need none."""

    def __init__(self, engine: Engine | None) -> None:
        self._engine = engine
        self._files: OrderedDict[str, Iterator[EmotionResult]] = OrderedDict()

    def answer(self, job: Job) -> Reply:
        """Do one job. Whatever goes wrong becomes a `Failed`."""
        try:
            match job:
                case Thumbnail():
                    return Pictured(job_id=job.job_id, jpeg=thumbnail(job.path))
                case Analyze():
                    return Analyzed(job_id=job.job_id, result=self._analyzed(job))
                case NextWindow():
                    return Analyzed(job_id=job.job_id, result=self._next_window(job))
        except Exception as error:
            code, message = said(error)
            if code in {"analysis_failed", "gpu_failed"}:
                logger.exception("job %d failed", job.job_id)
            return Failed(job_id=job.job_id, code=code, message=message, cause=cause(error))

    def forget(self, session_id: str) -> None:
        """Drop what was kept of a session or file."""
        self._files.pop(session_id, None)
        if self._engine is not None:
            self._engine.forget(session_id)

    def _analyzed(self, job: Analyze) -> EmotionResult:
        engine, session_id = self._required(), job.question.session_id
        began = perf_counter()
        clip = decode_clip(
            job.data,
            start=job.start,
            end=job.end,
            wanted=lambda times: engine.wanted(session_id, times),
            heard_until=engine.heard_until(session_id),
            interval=engine.interval,
        )
        return engine.analyze(clip, job.question, decode_ms=(perf_counter() - began) * 1000)

    def _next_window(self, job: NextWindow) -> EmotionResult | None:
        file_id = job.question.session_id
        if job.first:
            self._files[file_id] = windows(job.path, self._required(), job.question)
            while len(self._files) > MOST_FILES:
                self._files.popitem(last=False)
        elif file_id not in self._files:
            raise EngineFailed("reading the file was broken off; begin again")
        self._files.move_to_end(file_id)
        try:
            return next(self._files[file_id], None)
        except Exception:
            del self._files[file_id]
            raise

    def _required(self) -> Engine:
        if self._engine is None:
            raise EngineUnavailable("this process has no engine", "unloaded")
        return self._engine


def serve(jobs: BinaryIO, replies: BinaryIO, engine: Engine | None) -> None:
    """Load the engine, say `Loaded`, then answer jobs until they end."""
    lock = Lock()

    def reply(what: Reply) -> None:
        with lock:
            send(replies, what)

    parallel = engine.parallel if engine else 1
    if engine is None:
        status = EngineStatus(name="pictures", state="ready")
        reply(Loaded(status=status))
    else:
        status = loaded(engine, lambda share: reply(Loading(progress=share)))
        reply(Loaded(status=status, parallel=parallel, deadline=engine.deadline))
    if status.state != "ready":
        return
    worker = Worker(engine)
    if parallel == 1:
        _serve_in_turn(jobs, worker, reply)
        return
    with ThreadPoolExecutor(parallel) as threads:
        while (job := receive(jobs)) is not None:
            if isinstance(job, Forget):
                worker.forget(job.session_id)
            else:
                threads.submit(lambda job=job: reply(worker.answer(job)))  # type: ignore[misc]


def _serve_in_turn(jobs: BinaryIO, worker: Worker, reply: Callable[[Reply], None]) -> None:
    """On this thread alone: a network's runtime may be bound to the one that loaded it."""
    while (job := receive(jobs)) is not None:
        if isinstance(job, Forget):
            worker.forget(job.session_id)
        else:
            reply(worker.answer(job))


def receive(stream: BinaryIO) -> Job | Forget | None:
    """The next job; None at the end of the stream, be it in the middle of a job."""
    return cast(Job | Forget | None, read(stream))


def configured(stream: BinaryIO) -> Engine | None:
    """The engine that the first message asks for, not yet loaded. Raises `EOFError` when there is none."""
    message = read(stream)
    if not isinstance(message, Configure):
        raise EOFError("no configuration")
    return None if message.config is None else create(message.config)


def send(stream: BinaryIO, reply: Reply) -> None:
    """Write one reply and flush it."""
    stream.write(pack(reply))
    stream.flush()


def main() -> None:
    """Keep stdout for replies alone, whatever libraries print, and serve."""
    os.nice(NICENESS)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        with os.fdopen(os.dup(1), "wb") as replies:
            os.dup2(2, 1)
            serve(sys.stdin.buffer, replies, configured(sys.stdin.buffer))
    except BrokenPipeError:  # also as what is left is written at the end
        logger.info("nobody reads the replies any more")
    except EOFError as error:
        logger.error("%s", error)


if __name__ == "__main__":
    main()
