"""The history's process without the process: the same worker, spoken to without pipes, that can be told to die."""

from __future__ import annotations

import asyncio
import pickle

from pipeline.history.database import Database
from pipeline.history.jobs import Started, Write
from pipeline.history.worker import Worker
from pipeline.service import ServiceDown


class InProcess:
    """Takes the place of `pipeline.service.Service`.

    `die` ends the worker; the next begins when `revive` is called. Before that, `deaf` lets it do what it is told
    without a word, as one does that is killed between its work and its answer.
    """

    latest = None

    def __init__(self, _name, _command, configure, heard, lost, _grace):
        self._configure, self._heard, self._lost = configure, heard, lost
        self._worker = None
        self._tasks = set()
        self._dead, self._gone, self._again = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.deaf = False
        self.written = []
        self.pid = None
        InProcess.latest = self

    async def run(self):
        while True:
            database = Database(self._configure().url)
            self._worker = Worker(database)
            self._heard(Started())
            try:
                await self._dead.wait()
            finally:
                self._worker = None
                await asyncio.gather(*self._tasks, return_exceptions=True)
                await database.close()
            self._lost("it was killed")
            self._gone.set()
            await self._again.wait()
            for event in (self._dead, self._gone, self._again):
                event.clear()
            self.deaf = False

    async def send(self, message):
        if self._worker is None:
            raise ServiceDown("it was killed")
        job = pickle.loads(pickle.dumps(message))
        if isinstance(job, Write):
            self.written.append(job.batch)
        task = asyncio.ensure_future(self._answer(self._worker, job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, worker, job):
        reply = await worker.answer(job)
        if not self.deaf:
            self._heard(pickle.loads(pickle.dumps(reply)))

    async def die(self):
        self._dead.set()
        await self._gone.wait()

    def revive(self):
        self._again.set()
