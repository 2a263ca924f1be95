"""An analysis process that does what a test tells it to, by the data of each clip."""

from __future__ import annotations

import os
import pickle
import struct
import sys
import time

from models.base import EmotionResult, EngineStatus, Latency
from models.jobs import Analyze, Analyzed, Failed, Forget, Pictured, Ready


def say(reply):
    body = pickle.dumps(reply)
    sys.stdout.buffer.write(struct.pack(">I", len(body)) + body)
    sys.stdout.buffer.flush()


def result(job, description):
    return EmotionResult(
        emotion="unknown",
        reason="no_face",
        probabilities={},
        confidence=0.0,
        valence=None,
        arousal=None,
        description=description,
        window_start=job.start,
        window_end=job.end,
        engine="fake",
        latency=Latency(decode=1, features=1, inference=1, total=3),
    )


def main():
    if "never-ready" in sys.argv:
        sys.exit(3)
    say(Ready(engines=(EngineStatus(name="fake", state="ready"),)))
    forgotten = []
    while header := sys.stdin.buffer.read(4):
        job = pickle.loads(sys.stdin.buffer.read(struct.unpack(">I", header)[0]))
        if isinstance(job, Forget):
            forgotten.append(job.session_id)
        elif isinstance(job, Analyze):
            match job.data:
                case b"die":
                    os._exit(9)
                case b"hang":
                    time.sleep(60)
                case b"nonsense":
                    sys.stdout.buffer.write(b"\0\0\0\4oops")
                    sys.stdout.buffer.flush()
                    continue
                case b"unreadable":
                    say(Failed(job_id=job.job_id, code="clip_unreadable", message="not a clip"))
                    continue
                case b"slow":
                    time.sleep(0.3)
            say(Analyzed(job_id=job.job_id, result=result(job, f"pid {os.getpid()} forgot {forgotten}")))
        else:
            say(Pictured(job_id=job.job_id, jpeg=b"jpeg of " + job.data))


if __name__ == "__main__":
    main()
