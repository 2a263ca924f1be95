"""What a conversation is answered with: the stand-in knows what was said to it, and says no more than that."""

from __future__ import annotations

import re

from tests.openai_server.behaviour import Behaviour
from tests.openai_server.schema import ChatRequest

MARKDOWN = """\
Here is some **Markdown**:

- a list
- with `code` and a [link](https://example.org)

```python
print("hello")
```

| a | b |
|---|---|
| 1 | 2 |
"""


def reply(request: ChatRequest, behaviour: Behaviour) -> str:
    """The text of an answer."""
    if behaviour.empty:
        return ""
    return behaviour.says if behaviour.says is not None else _answer(request)


def _answer(request: ChatRequest) -> str:
    question, users = request.question.strip(), request.said_by("user")
    asked = question.lower()
    if "mood" in asked or "心情" in asked:
        told = request.said_by("system")
        return f"I was told: {told[-1]}" if told else "I was told nothing."
    if "first" in asked:
        return f"The first thing that I know of is: {users[0]}"
    if "how many" in asked:
        return f"You have said {len(users)} things, and I {len(request.said_by('assistant'))}."
    if "markdown" in asked:
        return MARKDOWN
    if re.search("[一-龥]", question):
        return f"你说的是“{question}”，这是第 {len(users)} 句。"
    return (
        f"You said “{question}”, which is {len(question.split())} words and number {len(users)} of our talk."
    )


def tokens_of(text: str, count: int | None = None) -> list[str]:
    """A text in pieces as a tokenizer might make them; with a `count`, so many, the text again and again."""
    tokens = re.findall(r"\s*[一-龥]|\s*[^\s一-龥]+|\s+$", text)
    if count is None or not tokens:
        return tokens
    return [
        tokens[at % len(tokens)] if at % len(tokens) or not at else f" {tokens[0]}" for at in range(count)
    ]


def prompt_tokens(request: ChatRequest) -> int:
    """About how many tokens a conversation has."""
    return sum(len(message.text) // 4 + 4 for message in request.messages)
