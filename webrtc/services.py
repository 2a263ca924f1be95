"""What every session of a server shares."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pipeline.analysis import Analysis
from pipeline.audit import Audit
from pipeline.chat.chat import Chat
from pipeline.finisher import Finisher
from pipeline.history.history import History
from pipeline.library import Library
from pipeline.recordings import Recordings
from pipeline.transcoder import Transcoder
from webrtc.figures import Figures
from webrtc.lag import LoopLag
from webrtc.tokens import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Who looks at clips, keeps them and makes MP4s of them, keeps recordings and finishes them, talks, keeps the
    history, counts, knows the tokens, writes the audit log, and tells how late the loop is."""

    analysis: Analysis
    library: Library
    transcoder: Transcoder
    recordings: Recordings
    finisher: Finisher
    chat: Chat
    history: History
    figures: Figures
    tokens: Tokens
    audit: Audit
    lag: LoopLag

    @asynccontextmanager
    async def keeping(self) -> AsyncIterator[asyncio.Task[None]]:
        """Keep the history and write the audit log for the length of a block, and of what is put as it ends. Gives the
        history's task, which ends before only by an error."""
        history = asyncio.create_task(self.history.run(), name="history")
        audit = asyncio.create_task(self.audit.run(), name="audit")
        self.audit.put("server_started")
        try:
            yield history
        finally:
            history.cancel()
            await asyncio.gather(history, return_exceptions=True)
            self.audit.put("server_stopped")
            audit.cancel()
            await asyncio.gather(audit, return_exceptions=True)
