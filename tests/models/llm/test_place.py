from __future__ import annotations

import pytest

from models.llm.base import LlmConfig
from models.llm.place import is_configured, named_model, place_of


@pytest.mark.parametrize(
    ("base_url", "host", "sends_to"),
    [
        (None, "api.openai.com", "api.openai.com"),
        ("https://user:secret@api.example.org/v1?key=secret", "api.example.org", "api.example.org"),
        ("http://127.0.0.1:8000/v1", "127.0.0.1:8000", None),
        ("http://[::1]:8000/v1", "[::1]:8000", None),
        ("http://localhost/v1", "localhost", None),
    ],
)
def test_only_the_host_is_shown(base_url, host, sends_to):
    place = place_of(LlmConfig(base_url=base_url))
    assert (place.host, place.sends_to) == (host, sends_to) and "secret" not in repr(place)


@pytest.mark.parametrize(
    ("config", "configured"),
    [
        (LlmConfig(), False),
        (LlmConfig(model="x"), False),
        (LlmConfig(api_key="k"), True),
        (LlmConfig(base_url="http://h/v1"), True),
        (LlmConfig(base_url="https://api.openai.com/v1"), False),
        (LlmConfig(base_url="https://api.openai.com/v1", api_key="k"), True),
    ],
)
def test_openai_wants_a_key_and_others_an_address(config, configured):
    assert is_configured(config) is configured


def test_a_model_is_only_taken_for_granted_at_openai():
    assert named_model(LlmConfig()) == "gpt-4o-mini"
    assert named_model(LlmConfig(base_url="http://h/v1")) is None
    assert named_model(LlmConfig(base_url="http://h/v1", model="x")) == "x"
