"""The chat over HTTP: messages answered whole or as they are written, the conversation read and cleared."""

from __future__ import annotations

import logging
import math
import secrets
from contextlib import aclosing
from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, Field

from models.base import Language
from models.llm.base import Done
from pipeline.chat.conversation import ChatRefused, Conversation
from pipeline.chat.reply import Reply, Said
from pipeline.history.records import TurnSaid
from web.answers import ChatAnswer, ChatHistory, ConversationCleared, TurnView, answered
from web.authority import SessionId, Token, asker, has_token, may_ask, no_such_session
from web.errors import ApiError
from web.events import CONTENT_TYPE, EventStream
from web.keys import CHAT, LIMITER, OWNERSHIP, REGISTRY
from web.ownership import is_call
from web.presence import while_connected
from web.reading import Body, read_body, read_query
from web.sessions import live
from webrtc import messages
from webrtc.messages import MAX_CHAT_CHARACTERS
from webrtc.talk import accepted, done

log = logging.getLogger(__name__)

UNREACHED = frozenset(
    {
        "chat_no_key",
        "chat_wrong_key",
        "chat_unreachable",
        "chat_too_slow",
        "chat_rate_limited",
        "chat_quota",
        "chat_no_model",
        "chat_server_error",
        "chat_restarted",
    }
)
"""Errors of a provider that could not be asked, or was asked in vain; after the others another question may do."""


class ChatBody(Body):
    """`message` is what the person says. Without a `session_id`, or with a new one, a conversation begins; that of a
    call is open to its caller and to who has its `token`, here or as a bearer. With `mood` the model is told which
    expressions were seen in the call."""

    message: Annotated[str, Field(max_length=MAX_CHAT_CHARACTERS, pattern=r"\S")]
    session_id: SessionId | None = None
    token: Token | None = None
    stream: bool = False
    language: Language = "en"
    mood: bool = False


class ClearBody(Body):
    session_id: SessionId
    token: Token | None = None


class HistoryQuery(BaseModel):
    session_id: SessionId | None = None


async def chat(request: web.Request) -> web.StreamResponse:
    """`POST /api/chat`: answers a message, as JSON or, where that is asked for, as events while it is written."""
    body = await read_body(request, ChatBody)
    request.app[LIMITER].message(request)
    fresh = request.app[OWNERSHIP].conversation(asker(request).caller)
    session_id = _meant(request, body.session_id or fresh, body.token)
    conversation = await request.app[CHAT].conversation(session_id, fresh=body.session_id is None)
    call = live(request.app[REGISTRY], session_id)
    said = Said(
        message_id=secrets.token_hex(8),
        text=body.message,
        mood=call.mood(body.language) if call is not None and body.mood else None,
        language=body.language,
        # Nobody without the token may read it later, also where the call has not begun for the history, or never will.
        kind="call" if is_call(session_id) or has_token(request, session_id, body.token) else "chat",
    )
    try:
        reply = await conversation.say(said)
    except ChatRefused as refusal:
        pause = math.ceil(refusal.retry_after or 1)
        raise ApiError(429, refusal.code, str(refusal), {"Retry-After": str(pause)}) from None
    if body.stream or CONTENT_TYPE in request.headers.get("Accept", ""):
        return await _streamed(request, conversation, reply)
    return await _whole(request, conversation, reply, body.session_id or session_id)


async def clear_chat(request: web.Request) -> web.Response:
    """`POST /api/chat/clear`: forgets a conversation."""
    body = await read_body(request, ClearBody)
    session_id = _meant(request, body.session_id, body.token)
    conversation = await request.app[CHAT].conversation(session_id)
    cleared = await conversation.clear()
    return answered(ConversationCleared(success=cleared, session_id=body.session_id, kept=not cleared))


async def chat_history(request: web.Request) -> web.Response:
    """`GET /api/chat/history`: what was said in a conversation; nothing without a `session_id`."""
    session_id = read_query(request, HistoryQuery).session_id
    if session_id is None:
        return answered(ChatHistory(session_id=None, history=[], count=0))
    conversation = await request.app[CHAT].conversation(_meant(request, session_id, None))
    turns = [_turn(turn) for turn in conversation.turns]
    return answered(ChatHistory(session_id=session_id, history=turns, count=len(turns)))


def _meant(request: web.Request, session_id: str, token: str | None) -> str:
    """The conversation that is meant: one of the asker's by its id, or one that a caller has named, which is another
    than what anybody else calls so. Raises `ApiError` for a call that is not the asker's."""
    if may_ask(request, session_id, token):
        return session_id
    if token is not None or is_call(session_id):
        raise no_such_session()
    return request.app[OWNERSHIP].named(asker(request).caller, session_id)


async def _whole(
    request: web.Request, conversation: Conversation, reply: Reply, session_id: str
) -> web.Response:
    ended = False
    try:
        end = await while_connected(request, _end_of(reply))
        ended = True
    finally:
        if not ended:
            conversation.stop(reply.message_id)
    said = done(reply, end)
    return answered(
        ChatAnswer(
            response=said.text or None,
            html=said.html or None,
            timestamp=said.timestamp,
            session_id=session_id,
            message_id=said.message_id,
            api_available=said.error is None or said.error.code not in UNREACHED,
            error=said.error,
            model=said.model,
            finish=said.finish,
            kept=said.kept,
            usage=said.usage,
        )
    )


async def _streamed(request: web.Request, conversation: Conversation, reply: Reply) -> web.StreamResponse:
    stream, ended = EventStream(request), False
    try:
        await stream.open()
        await stream.send("accepted", accepted(reply))
        async with aclosing(stream.follow(reply.events())) as events:
            async for event in events:
                if isinstance(event, Done):
                    ended = True
                    await stream.send("done", done(reply, event))
                else:
                    delta = messages.ChatDelta(message_id=reply.message_id, text=event.text)
                    await stream.send("delta", delta)
    except ConnectionResetError:
        log.info("%s %s: whoever read has gone", request.method, request.path)
    finally:
        if not ended:
            conversation.stop(reply.message_id)
    return stream.response


async def _end_of(reply: Reply) -> Done:
    end = None
    async for event in reply.events():
        end = event if isinstance(event, Done) else end
    assert end is not None
    return end


def _turn(turn: TurnSaid) -> TurnView:
    return TurnView(
        role=turn.role,
        content=turn.text,
        timestamp=turn.at,
        message_id=turn.message_id,
        html=turn.html,
        mood=turn.mood,
        finish=turn.finish,
        error=turn.error,
        model=turn.model,
    )
