from __future__ import annotations

import pytest
from pydantic import ValidationError

from models.llm.settings import MOST_CHARACTERS, ChatSettings
from settings import Settings

NAMES = (
    "OPENAI_API_KEY",
    "LLM_API_KEY",
    "OPENAI_API_BASE",
    "OPENAI_BASE_URL",
    "LLM_API_BASE",
    "OPENAI_MODEL",
)
NAMES += ("LLM_MODEL", "CHAT_PROMPT_FILE", "CHAT_CONTEXT_TOKENS")


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def read(monkeypatch, **values: str) -> ChatSettings:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return ChatSettings(_env_file=None)


@pytest.mark.parametrize(
    ("names", "field"),
    [
        (("OPENAI_API_KEY", "LLM_API_KEY"), "api_key"),
        (("OPENAI_API_BASE", "OPENAI_BASE_URL", "LLM_API_BASE"), "base_url"),
        (("OPENAI_MODEL", "LLM_MODEL"), "model"),
    ],
)
def test_older_names_are_taken_and_newer_ones_win(monkeypatch, names, field):
    for at, name in reversed(list(enumerate(names))):
        value = f"http://{at}.example.org/v1"
        assert getattr(read(monkeypatch, **{name: value}).llm(), field) == value


def test_an_empty_value_is_none(monkeypatch):
    llm = read(monkeypatch, OPENAI_API_KEY="", LLM_API_KEY="old", OPENAI_API_BASE="", OPENAI_MODEL="").llm()
    assert (llm.api_key, llm.base_url, llm.model, llm.context_tokens) == ("old", None, None, 6000)


def test_the_server_has_them_and_shows_no_secret(monkeypatch):
    monkeypatch.setenv("LLM_API_KEY", "sk-secret")
    settings = Settings(_env_file=None, openai_api_base="http://user:pass-word@h/v1", chat_context_tokens=900)
    assert (settings.llm().api_key, settings.llm().context_tokens) == ("sk-secret", 900)
    assert settings.llm().base_url == "http://user:pass-word@h/v1"
    for shown in (repr(settings), str(settings), repr(settings.llm())):
        assert "sk-" not in shown and "pass-word" not in shown


@pytest.mark.parametrize(
    "address", ["gpu:8000", "ftp://h/v1", "http://", "http://h:99999/v1", "http://[::1/v1"]
)
@pytest.mark.parametrize("settings", [ChatSettings, Settings])
def test_what_is_no_address_is_refused(settings, address):
    with pytest.raises(ValidationError):
        settings(_env_file=None, openai_api_base=address)


def test_a_prompt_is_read_from_its_file(tmp_path):
    path = tmp_path / "prompt.txt"
    path.write_text("  你是 Mien。\n", encoding="utf-8")
    assert ChatSettings(_env_file=None, chat_prompt_file=path).llm().system_prompt == "你是 Mien。"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file"),
        (b" \n", "is empty"),
        (b"\xff\xfe", "no text in UTF-8"),
        (b"x" * (MOST_CHARACTERS + 1), "longer than"),
    ],
)
def test_a_prompt_that_cannot_be_used_is_refused_at_the_start(tmp_path, content, said):
    path = tmp_path / "prompt.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValidationError, match=said):
        ChatSettings(_env_file=None, chat_prompt_file=path)
