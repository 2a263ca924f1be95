"""What people are told when there is no answer, in English and Chinese."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from models.base import Language
from models.llm.base import Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why there is no answer, or no whole one: `said` is what the server says, in one line and without secrets;
    `wait` is after how many seconds it wants to be asked again, None where it does not say; `no_v1` that its address
    does not end as such addresses do."""

    code: Code
    host: str = ""
    model: str | None = None
    said: str = ""
    wait: float | None = None
    no_v1: bool = False


def words(trouble: Trouble, language: Language) -> str:
    """A sentence or two, naming the host and the setting to change."""
    model = trouble.model
    key = f"{trouble.code}_unnamed" if trouble.code == "chat_no_model" and model is None else trouble.code
    sentences = [_SENTENCES[language][key].format(host=trouble.host, model=model or _IT[language])]
    if trouble.code == "chat_rate_limited":
        sentences.append(_again(trouble.wait, language))
    if trouble.said:
        # Nobody who cannot be reached has said anything.
        said = _CAUSE if trouble.code == "chat_unreachable" else _SAID
        sentences.append(said[language].format(said=trouble.said))
    if trouble.no_v1:
        sentences.append(_NO_V1[language])
    return (" " if language == "en" else "").join(sentences)


def _again(wait: float | None, language: Language) -> str:
    if wait is None or not math.isfinite(wait):
        return _SOON[language]
    return _LATER[language].format(wait=math.ceil(wait))


_IT: Mapping[Language, str] = {"en": "The model", "zh": "模型"}
_SAID: Mapping[Language, str] = {"en": "It said: {said}", "zh": "对方的说明：{said}"}
_CAUSE: Mapping[Language, str] = {"en": "The cause: {said}", "zh": "原因：{said}"}
_NO_V1: Mapping[Language, str] = {
    "en": "Should OPENAI_API_BASE end in /v1?",
    "zh": "OPENAI_API_BASE 是否应以 /v1 结尾？",
}
_SOON: Mapping[Language, str] = {"en": "Try again in a moment.", "zh": "请稍后再试。"}
_LATER: Mapping[Language, str] = {"en": "Try again in {wait} s.", "zh": "请在 {wait} 秒后再试。"}

_SENTENCES: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "chat_no_key": "Nobody is set to chat with: set OPENAI_API_KEY, or OPENAI_API_BASE for another server.",
        "chat_wrong_key": "The key for {host} was refused: check OPENAI_API_KEY.",
        "chat_unreachable": "{host} cannot be reached.",
        "chat_too_slow": "{host} did not begin to answer in time.",
        "chat_rate_limited": "{host} is asked too often at the moment.",
        "chat_quota": "The account at {host} has no credit left.",
        "chat_no_model": "{host} has no model {model}: set OPENAI_MODEL.",
        "chat_no_model_unnamed": "{host} lists no model: name one in OPENAI_MODEL.",
        "chat_refused": "{host} refused to answer.",
        "chat_too_long": "The message is too long for {model}.",
        "chat_server_error": "{host} failed to answer.",
        "chat_cut_off": "The answer of {host} broke off.",
        "chat_empty": "{model} gave an empty answer.",
        "chat_restarted": "The chat's process ended and is started again; ask again.",
    },
    "zh": {
        "chat_no_key": "尚未设置聊天服务：请设置 OPENAI_API_KEY，或用 OPENAI_API_BASE 指定其他服务器。",
        "chat_wrong_key": "{host} 拒绝了密钥：请检查 OPENAI_API_KEY。",
        "chat_unreachable": "无法连接 {host}。",
        "chat_too_slow": "{host} 没有及时开始回答。",
        "chat_rate_limited": "目前向 {host} 的提问过于频繁。",
        "chat_quota": "{host} 上的账户余额已用尽。",
        "chat_no_model": "{host} 没有模型 {model}：请设置 OPENAI_MODEL。",
        "chat_no_model_unnamed": "{host} 没有列出任何模型：请用 OPENAI_MODEL 指定一个。",
        "chat_refused": "{host} 拒绝回答。",
        "chat_too_long": "消息太长，{model}无法处理。",
        "chat_server_error": "{host} 未能作答。",
        "chat_cut_off": "{host} 的回答中断了。",
        "chat_empty": "{model}给出了空的回答。",
        "chat_restarted": "聊天进程已结束，正在重新启动；请再问一次。",
    },
}

CODES: tuple[Code, ...] = get_args(Code)
