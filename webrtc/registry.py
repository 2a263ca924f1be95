"""The registry: every session there is, their number bounded, each one watched until it has ended."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterator, Sequence

from models.base import Language
from webrtc import messages, signaling, whip
from webrtc.network import PortsExhausted
from webrtc.session import Session

log = logging.getLogger(__name__)


class TooManySessions(Exception):
    """No room for another caller at the moment."""


class NoPortLeft(TooManySessions):
    """No UDP port for another caller at the moment."""


class Registry:
    """Admits callers and runs their sessions. `run` must be running for anyone to be admitted."""

    def __init__(self, max_sessions: int, new_session: Callable[[str], Session]) -> None:
        self.max_sessions = max_sessions
        self._new_session = new_session
        self._sessions: dict[str, Session] = {}
        self._group: asyncio.TaskGroup | None = None
        self._closing = asyncio.Event()

    async def run(self) -> None:
        """Run sessions until `close`, then end them all and wait for that."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            await self._closing.wait()
            self._group = None
            stopping = messages.SessionEnded(code="server_stopping", message="The server is being stopped.")
            for session in self._sessions.values():
                session.leave("the server stopped", stopping)

    def close(self) -> None:
        """Admit nobody any more and let `run` end."""
        self._closing.set()

    async def admit(self, sdp: str, session_id: str, *, here: bool = False) -> tuple[Session, str]:
        """Begin a session from an offer, under an id that no other has; returns it with the answer's SDP. `here` is
        whether the caller is on this machine.

        Raises `TooManySessions` or `OfferRejected`.
        """
        self._make_room()
        signaling.check_offer(sdp)
        return await self._begin(session_id, lambda session: session.accept(sdp, here=here))

    async def publish(
        self,
        sdp: str,
        session_id: str,
        near: Sequence[str] = (),
        language: Language = "en",
        *,
        here: bool = False,
    ) -> tuple[Session, str]:
        """Begin a session from the offer of a publisher, in the same way. `near` are addresses that it likely reaches
        us by, the best first. Raises `TooManySessions` or `OfferRejected`."""
        self._make_room()
        offer = whip.read_offer(sdp)
        return await self._begin(
            session_id, lambda session: session.publish(offer, near, language, here=here)
        )

    async def _begin(
        self, session_id: str, accept: Callable[[Session], Awaitable[str]]
    ) -> tuple[Session, str]:
        session = self._new_session(session_id)
        self._sessions[session.id] = session
        try:
            answer = await _accepted(accept(session))
            if self._group is None:  # closed in the meantime
                raise TooManySessions
            self._group.create_task(self._supervise(session), name=f"session {session.id}")
        except BaseException:
            del self._sessions[session.id]
            await session.close()
            raise
        return session, answer

    async def resume(self, sdp: str, session_id: str, *, here: bool = False) -> tuple[Session, str] | None:
        """Connect a session anew by an offer of its page, whose right to it must be known; None where it is over.

        Raises `TooManySessions` or `OfferRejected`.
        """
        session = self._sessions.get(session_id)
        if session is None or session.is_leaving:
            return None
        if session.link.is_alone:
            self._make_room()
        signaling.check_offer(sdp)
        answer = await _accepted(session.accept(sdp, here=here))
        return None if session.is_leaving else (session, answer)

    def _make_room(self) -> None:
        """Places are for those who are connected; as many more may wait for their pages. Raises `TooManySessions`."""
        if self._group is None or sum(not each.link.is_alone for each in self) >= self.max_sessions:
            raise TooManySessions
        alone = [each for each in self if each.link.is_alone and not each.is_leaving]
        if len(alone) >= self.max_sessions:
            min(alone, key=lambda each: each.link.alone_since).leave("its place was needed")

    def authorised(self, session_id: str, token: str) -> Session | None:
        """The session of this id, if the token is its own."""
        session = self._sessions.get(session_id)
        if session is None or not secrets.compare_digest(session.token.encode(), token.encode()):
            return None
        return session

    def published(self, resource: str) -> Session | None:
        """The session of a stream that is published at this address, as long as it goes on."""
        asked = resource.encode(errors="surrogatepass")
        for session in self:
            publication = session.publication
            known = publication is not None and secrets.compare_digest(publication.resource.encode(), asked)
            if known and not session.is_leaving:
                return session
        return None

    def __contains__(self, session_id: str) -> bool:
        return session_id in self._sessions

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._sessions.values()))

    def __len__(self) -> int:
        return len(self._sessions)

    async def _supervise(self, session: Session) -> None:
        try:
            await session.run()
        except Exception:
            log.exception("session %s ended by an error", session.id)
        finally:
            del self._sessions[session.id]


async def _accepted(accepting: Awaitable[str]) -> str:
    try:
        return await accepting
    except PortsExhausted as error:
        raise NoPortLeft(str(error)) from error
