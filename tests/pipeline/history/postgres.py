"""A PostgreSQL of the tests' own: in a folder that nobody else uses, on a socket in it, without waiting for disks."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

NOBODY = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
"""PostgreSQL will not run as root."""


def programs():
    """The folder of PostgreSQL's programs; None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


class Postgres:
    """A server that can be started and stopped; `url` empties its one database and gives the address."""

    def __init__(self, bin_folder):
        self._bin = bin_folder
        self._as = NOBODY if os.getuid() == 0 else ()
        self.folder = Path(tempfile.mkdtemp(prefix="mien-postgres-"))
        if self._as:
            shutil.chown(self.folder, "nobody", "nogroup")
        self._process = None
        self._run(
            "initdb", "-D", self.folder / "data", "-A", "trust", "-U", "mien", "-E", "UTF8", "--no-sync"
        )

    def start(self):
        command = [*self._as, self._bin / "postgres", "-D", self.folder / "data", "-k", self.folder]
        command += ["-c", "listen_addresses=", "-c", "fsync=off", "-c", "shared_buffers=16MB"]
        self._process = subprocess.Popen(
            command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 20
        ready = [self._bin / "pg_isready", "-q", "-h", self.folder]
        while subprocess.run(ready, cwd=self.folder, check=False).returncode != 0:
            assert self._process.poll() is None and time.monotonic() < deadline, "postgres does not start"
            time.sleep(0.02)

    def stop(self):
        """At once, as by a power cut, but for what is written."""
        if self._process is not None:
            self._process.send_signal(subprocess.signal.SIGQUIT)
            self._process.wait()
            self._process = None

    def url(self):
        self._run(
            "psql", "-q", "-h", self.folder, "-U", "mien", "postgres", "-c", "DROP SCHEMA public CASCADE", "-c",
            "CREATE SCHEMA public",
        )  # fmt: skip
        return f"postgresql+asyncpg://mien@/postgres?host={self.folder}"

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder)

    def _run(self, program, *arguments):
        subprocess.run(
            [*self._as, self._bin / program, *arguments],
            check=True,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
