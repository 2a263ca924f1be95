from __future__ import annotations

import socket

import pytest

from models.base import EngineUnavailable
from models.catalog import RemoteConfig
from models.remote.engine import RemoteEngine
from tests.models.remote.conftest import loaded
from tests.openai_server import MODEL, OpenAIServer


def test_progress_is_told_up_to_the_end(server):
    told = []
    RemoteEngine(RemoteConfig(base_url=server.url)).load(told.append)
    assert told == sorted(told) and len(told) >= 4 and 0.7 < told[-1] <= 1


def test_one_question_is_asked_without_media_with_a_picture_and_with_a_sound(server):
    loaded(server)
    kinds = [[part.type for part in request.messages[0].parts] for request in server.requests]
    assert kinds == [["text"], ["video_url", "text"], ["input_audio", "text"]]
    assert len({request.question for request in server.requests}) == 1


@pytest.mark.parametrize("usage", [True, False])
@pytest.mark.parametrize(
    ("lacks", "words"),
    [
        ({"deaf"}, "the sound does not reach"),
        ({"blind"}, "the picture does not reach"),
        ({"deaf", "blind"}, "neither picture nor sound reaches"),
    ],
)
def test_a_model_that_is_deaf_or_blind_is_found_out_and_the_remedy_said(server, usage, lacks, words):
    server.behaviour.usage = usage
    for sense in lacks:
        setattr(server.behaviour, sense, True)
    with pytest.raises(EngineUnavailable) as error:
        loaded(server)
    assert words in str(error.value) and MODEL in str(error.value)
    assert """--limit-mm-per-prompt '{"image":0,"video":1,"audio":1}'""" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("structured_outputs", ["obeyed", "refused"])
def test_a_server_that_counts_no_tokens_is_asked_what_it_sees_and_hears(server, structured_outputs):
    server.behaviour.usage = False
    server.behaviour.structured_outputs = structured_outputs
    loaded(server)
    asked = [request.question for request in server.requests[3:]]
    assert len(asked) == 4 and len(set(asked)) == 2


@pytest.mark.parametrize("always", ["red", "blue", "tone", "silence", "yes", ""])
def test_always_saying_the_same_does_not_pass_for_seeing_and_hearing(server, always):
    server.behaviour.usage = False
    server.behaviour.structured_outputs = "refused"
    server.behaviour.says = always
    with pytest.raises(EngineUnavailable, match="neither picture nor sound reaches"):
        loaded(server)


@pytest.mark.parametrize(("kind", "lost"), [("video", "the picture"), ("audio", "the sound")])
def test_a_server_that_refuses_what_is_sent_is_told_how_to_take_it(server, kind, lost):
    server.behaviour.refuses = [kind]
    with pytest.raises(
        EngineUnavailable, match=f"{lost} does not reach .* 400: At most 0 {kind}.*--limit-mm-per-prompt"
    ):
        loaded(server)


def test_the_first_model_is_asked_unless_another_is_named(server):
    server.behaviour.models = ["first", "second"]
    loaded(server)
    assert {request.model for request in server.requests} == {"first"}
    server.served.clear()
    loaded(server, model="second")
    assert {request.model for request in server.requests} == {"second"}


def test_a_model_that_is_not_there_is_answered_with_those_that_are(server):
    server.behaviour.models = [f"model-{at}" for at in range(12)]
    with pytest.raises(
        EngineUnavailable, match=r"no model other; it has model-0, .*model-4 and 7 more: set REMOTE_MODEL"
    ):
        loaded(server, model="other")
    server.behaviour.models = []
    with pytest.raises(EngineUnavailable, match="no model; it has none at all"):
        loaded(server)
    assert server.served == []


def test_no_address_is_said_before_anything_is_imported():
    with pytest.raises(EngineUnavailable, match="REMOTE_BASE_URL is not set"):
        RemoteEngine(RemoteConfig()).load(lambda _: None)


def test_a_server_that_does_not_run_is_said_in_one_line():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(EngineUnavailable) as error:
        RemoteEngine(RemoteConfig(base_url=url)).load(lambda _: None)
    assert str(error.value) == f"the server at {url} refused the connection: does it run?"


def test_a_wrong_key_is_said_and_never_shown(server, caplog):
    server.behaviour.key = "right-secret"
    for given in ({"api_key": "wrong-secret"}, {}):
        with pytest.raises(
            EngineUnavailable, match="answered 401: REMOTE_API_KEY is wrong or missing"
        ) as error:
            loaded(server, **given)
        assert "secret" not in str(error.value)
    with caplog.at_level("INFO"):
        loaded(server, api_key="right-secret")
    assert "secret" not in caplog.text


def test_an_address_that_is_none_is_said():
    with pytest.raises(EngineUnavailable, match="REMOTE_BASE_URL is no address"):
        RemoteEngine(RemoteConfig(base_url="http://[::1/v1")).load(lambda _: None)


@pytest.mark.parametrize("key", ["a-secret\nkey", "a-sécret"])
def test_a_key_that_cannot_be_sent_is_said_and_not_shown(server, key):
    with pytest.raises(EngineUnavailable, match="REMOTE_API_KEY has characters") as error:
        loaded(server, api_key=key)
    assert "cret" not in str(error.value)


def test_a_key_with_a_line_end_is_sent_without_it(server):
    server.behaviour.key = "a-secret"
    loaded(server, api_key="a-secret\n")


def test_an_address_without_v1_and_a_server_of_another_kind_are_told_apart_from_a_broken_one(
    server: OpenAIServer,
):
    for url in (server.url.removesuffix("/v1"), server.url + "/v1"):
        with pytest.raises(
            EngineUnavailable, match=r"answered 404: Not Found; should REMOTE_BASE_URL end in /v1\?"
        ):
            RemoteEngine(RemoteConfig(base_url=url)).load(lambda _: None)
