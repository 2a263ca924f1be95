"""Another caller, in a process of its own, whose call goes on while a test does something to the server."""

from __future__ import annotations

import json

from bench.calls import line, start, stop


class Other:
    """Connects at once; `flags` are those of `bench.callers`. Everything here waits for the process."""

    def __init__(self, url, file, *flags):
        self._process = start("bench.callers", "--url", url, "-n", "1", "--media", str(file), *flags)
        line(self._process)

    def mark(self):
        """Measure from now on."""
        self._say("mark")

    def end(self):
        """What it has to tell of the time since the mark. Then it hangs up."""
        self._say("end")
        return json.loads(line(self._process))

    def close(self):
        stop(self._process)

    def _say(self, word):
        print(word, file=self._process.stdin, flush=True)
