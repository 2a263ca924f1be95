"""The operations of the chat."""

from __future__ import annotations

from web import chat
from web.answers import ChatAnswer, ChatHistory, ConversationCleared
from web.operations import Operation, json, media
from web.routes.shared import HISTORY, SESSION

CHAT = (
    Operation(
        method="POST",
        path="/api/chat",
        handler=chat.chat,
        summary="Say something to the assistant; the answer comes whole, or as events while it is written.",
        tag="chat",
        body=json(chat.ChatBody),
        token=True,
        answers={200: json(ChatAnswer) | media("text/event-stream")},
        errors={404: ("no_such_session",), 429: ("chat_busy",), 503: HISTORY},
    ),
    Operation(
        method="POST",
        path="/api/chat/clear",
        handler=chat.clear_chat,
        summary="Forget a conversation.",
        tag="chat",
        body=json(chat.ClearBody),
        token=True,
        answers={200: json(ConversationCleared)},
        errors=SESSION,
    ),
    Operation(
        method="GET",
        path="/api/chat/history",
        handler=chat.chat_history,
        summary="What was said in a conversation, oldest first.",
        tag="chat",
        query=chat.HistoryQuery,
        token=True,
        answers={200: json(ChatHistory)},
        errors=SESSION,
    ),
)
