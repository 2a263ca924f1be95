"""An analysis process that does what a test tells it to, by the data of each clip and its own arguments.

Arguments: `never-ready` ends at once, `unavailable` says that, `loads=SECONDS` takes them, `parallel=N`,
`deadline=SECONDS`; `NAME:ARGUMENT` is for the engine of that name alone.
"""

from __future__ import annotations

import os
import pickle
import struct
import sys
import time

from models.base import EmotionResult, EngineStatus, Latency
from models.catalog import name_of
from models.jobs import Analyze, Analyzed, Failed, Forget, Loaded, Loading, NextWindow, Pictured


def hear():
    header = sys.stdin.buffer.read(4)
    return pickle.loads(sys.stdin.buffer.read(struct.unpack(">I", header)[0])) if len(header) == 4 else None


def say(reply):
    body = pickle.dumps(reply)
    sys.stdout.buffer.write(struct.pack(">I", len(body)) + body)
    sys.stdout.buffer.flush()


def result(name, start, end, description):
    return EmotionResult(
        emotion="unknown",
        reason="no_face",
        probabilities={},
        confidence=0.0,
        valence=None,
        arousal=0.5 if name == "embedded" else None,
        description=description,
        window_start=start,
        window_end=end,
        engine=name,
        latency=Latency(decode=1, features=1, inference=1, total=3),
    )


def options(name):
    mine = [each.split(":")[-1] for each in sys.argv[1:] if ":" not in each or each.startswith(f"{name}:")]
    return dict(each.split("=") if "=" in each else (each, True) for each in mine)


def load(name, chosen):
    if "never-ready" in chosen:
        sys.exit(3)
    if "loads" in chosen:
        say(Loading(progress=0.5))
        time.sleep(float(chosen["loads"]))
    unavailable = "unavailable" in chosen
    failed = {"state": "unavailable", "code": "no_weights", "reason": "no weights"}
    say(
        Loaded(
            status=EngineStatus(name=name, **(failed if unavailable else {"state": "ready"})),
            parallel=int(chosen.get("parallel", 1)),
            deadline=float(chosen.get("deadline", 10)),
        )
    )
    if unavailable:
        sys.exit(0)


def analyze(name, job, forgotten):
    order, _, only = job.data.decode("latin-1").partition("@")
    match order if only in ("", name) else "":
        case "die":
            os._exit(9)
        case "hang":
            time.sleep(60)
        case "nonsense":
            sys.stdout.buffer.write(b"\0\0\0\4oops")
            sys.stdout.buffer.flush()
            return None
        case "unreadable":
            return Failed(job_id=job.job_id, code="clip_unreadable", message="not a clip")
        case "fail":
            return Failed(job_id=job.job_id, code="engine_failed", message="no answer")
        case "full":
            full = "out_of_memory"
            return Failed(job_id=job.job_id, code=full, cause=full, message="there was not enough memory")
        case "gpu":
            failed = "gpu_failed"
            return Failed(
                job_id=job.job_id, code=failed, cause=failed, message="CUDA error: unspecified launch failure"
            )
        case "slow":
            time.sleep(0.3)
        case "very slow":
            time.sleep(1.0)
    what = f"pid {os.getpid()} forgot {forgotten} {job.question.language}"
    return Analyzed(job_id=job.job_id, result=result(name, job.start, job.end, what))


def next_window(name, job, places):
    at = 0 if job.first else places[job.question.session_id]
    places[job.question.session_id] = at + 1
    if job.path.name == f"fails@{name}":
        return Failed(job_id=job.job_id, code="engine_failed", message="no answer")
    if job.path.name == "slow":
        time.sleep(1.0)
    prompt = str(job.question.prompt)
    return Analyzed(
        job_id=job.job_id, result=result(name, 5.0 * at, 5.0 * at + 5, prompt) if at < 3 else None
    )


def main():
    config = hear().config
    name = "pictures" if config is None else name_of(config)
    load(name, options(name))
    forgotten, places = [], {}
    while (job := hear()) is not None:
        if isinstance(job, Forget):
            forgotten.append(job.session_id)
        elif isinstance(job, Analyze):
            reply = analyze(name, job, forgotten)
            if reply is not None:
                say(reply)
        elif isinstance(job, NextWindow):
            say(next_window(name, job, places))
        else:
            say(Pictured(job_id=job.job_id, jpeg=b"jpeg of " + job.path.name.encode()))


if __name__ == "__main__":
    main()
