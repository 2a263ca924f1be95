from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest

from models.base import EMOTIONS, EngineFailed, EngineUnavailable, Question
from models.catalog import RemoteConfig
from models.prompt import DESCRIPTION, LABEL, SYSTEM
from models.remote import engine as engine_module
from models.remote.engine import RemoteEngine
from tests.models.remote.conftest import BLUE, DARK, RED, YELLOW, ask, loaded, shown


@pytest.mark.parametrize(
    ("colour", "loud", "emotion"),
    [(YELLOW, 0.1, "happy"), (RED, 0.5, "angry"), (BLUE, 0.1, "sad"), (DARK, 0.9, "fear")],
)
def test_the_answer_rests_on_the_picture_and_the_sound_that_were_sent(engine, colour, loud, emotion):
    result = ask(engine, shown(colour, loud=loud))
    assert (result.emotion, result.reason, result.engine) == (emotion, None, "remote")
    assert list(result.probabilities) == list(EMOTIONS)
    assert sum(result.probabilities.values()) == pytest.approx(1)
    assert result.confidence == result.probabilities[emotion] == max(result.probabilities.values()) > 0.3
    assert (result.valence > 0) == (emotion == "happy")
    assert result.arousal is None
    assert (result.window_start, result.window_end) == (10.0, 15.0)
    latency = result.latency
    assert latency.decode == 1.0 and min(latency.features, latency.inference) > 0
    assert latency.total == pytest.approx(latency.decode + latency.features + latency.inference)


def test_the_description_is_the_models_own(engine):
    assert ask(engine, shown(RED)).description == "The picture is mostly red and the sound is loud."
    assert "蓝色" in ask(engine, shown(BLUE), "zh").description


def test_what_is_asked_is_asked_in_the_questions_language(engine, server):
    for language in ("en", "zh"):
        server.served.clear()
        ask(engine, shown(), language)
        label, description = server.requests
        assert label.messages[0].text == description.messages[0].text == SYSTEM[language]
        assert label.question == LABEL[language]
        assert label.structured_outputs.choice == list(EMOTIONS)
        assert (label.logprobs, label.top_logprobs, label.temperature) == (True, 20, 0)
        assert description.messages[1] == label.messages[1]
        assert (description.messages[2].role, description.messages[2].text) == ("assistant", "happy")
        assert description.question == DESCRIPTION[language]
        assert description.structured_outputs is None and not description.logprobs


def test_a_callers_prompt_replaces_only_the_description(engine, server):
    ask(engine, shown(), prompt="What are the hands doing?")
    label, description = server.requests
    assert label.question == LABEL["en"]
    assert description.question == "What are the hands doing?"


def test_without_sound_none_is_sent_and_the_answer_says_so(engine, server):
    result = ask(engine, shown(loud=0))
    assert result.description.endswith("from the picture alone, so not to be relied on")
    assert all(
        part.type != "input_audio" for request in server.requests for part in request.messages[1].parts
    )
    assert "picture alone" not in ask(engine, shown()).description


def test_without_a_picture_nothing_is_asked(engine, server):
    result = ask(engine, shown(looks=0))
    assert (result.emotion, result.reason, result.confidence) == ("unknown", "no_video", 0)
    assert (result.probabilities, result.valence) == ({}, None)
    assert result.description == "no picture to read"
    assert server.served == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_server_without_log_probabilities_is_read_by_its_words(server, language):
    server.behaviour.logprobs = "missing"
    server.behaviour.structured_outputs = "refused"
    server.behaviour.answers = language
    result = ask(loaded(server), shown(RED), language)
    assert (result.emotion, result.probabilities, result.confidence, result.valence) == (
        "angry",
        {},
        None,
        None,
    )


def test_what_a_server_refuses_is_asked_for_once(server):
    server.behaviour.structured_outputs = "refused"
    server.behaviour.most_logprobs = 5
    engine = loaded(server)
    server.served.clear()
    first = ask(engine, shown(RED))
    statuses = [each.status for each in server.served]
    assert statuses == [400, 400, 200, 200]
    assert first.emotion == "angry" and first.probabilities
    ask(engine, shown(RED))
    assert [each.status for each in server.served[4:]] == [200, 200]
    assert server.requests[-2].top_logprobs == 5
    server.behaviour.logprobs = "refused"
    assert ask(engine, shown(RED)).probabilities == {}


def test_a_refusal_that_is_not_about_the_extras_is_passed_on(engine, server):
    server.behaviour.refuses = ["audio"]
    with pytest.raises(EngineFailed, match=r"answered 400: At most 0 audio\(s\) may be provided"):
        ask(engine, shown())
    assert len(server.served) == 1


def test_thoughts_are_neither_read_nor_shown(server):
    server.behaviour.thinks = True
    engine = loaded(server)
    result = ask(engine, shown(RED))
    assert result.emotion == "angry" and result.probabilities["angry"] == result.confidence
    assert result.description == "The picture is mostly red and the sound is loud."


def test_an_answer_that_names_no_class_fails_with_what_was_said(server):
    server.behaviour.structured_outputs = "refused"
    engine = loaded(server)
    server.behaviour.says = "I am sorry, but I cannot judge that. " * 5
    with pytest.raises(EngineFailed, match=r"named no expression; it said: 'I am sorry") as error:
        ask(engine, shown())
    assert len(str(error.value)) < 160
    server.behaviour.says = ""
    with pytest.raises(EngineFailed, match="it said nothing"):
        ask(engine, shown())


def test_a_class_that_its_log_probabilities_do_not_bear_out_comes_without_figures(server, monkeypatch):
    server.behaviour.structured_outputs = "refused"
    engine = loaded(server)
    server.behaviour.says = "Not happy but sad"
    ask_server = engine._server.ask

    def doubting(*given, **options):
        answer = ask_server(*given, **options)
        return type(answer)(text=answer.text, tokens=[("Not", -0.1), ("happy", -3.0)])

    monkeypatch.setattr(engine._server, "ask", doubting)
    result = ask(engine, shown())
    assert (result.emotion, result.probabilities, result.confidence) == ("sad", {}, None)


def test_a_description_that_fails_is_replaced_by_ours(engine, server, monkeypatch):
    ask_server = engine._server.ask

    def labels_alone(*given, **options):
        if "choice" not in options:
            server.behaviour.fails = [400]
        return ask_server(*given, **options)

    monkeypatch.setattr(engine._server, "ask", labels_alone)
    assert ask(engine, shown(YELLOW)).description in ("likely smiling", "perhaps smiling")
    assert ask(engine, shown(YELLOW, loud=0)).description.endswith("not to be relied on")


def test_a_slow_server_gets_no_more_time_than_there_is(server, monkeypatch):
    engine = loaded(server)
    monkeypatch.setattr(engine_module, "WITHIN", 0.6)
    monkeypatch.setattr(engine_module, "DESCRIBED_WITHIN", 0.55)
    server.behaviour.delay = 0.1
    began = monotonic()
    assert ask(engine, shown(YELLOW)).description.endswith("smiling")  # no time for a second question
    server.behaviour.delay = 5
    with pytest.raises(EngineFailed, match="did not answer in time"):
        ask(engine, shown(YELLOW))
    assert monotonic() - began < 2


def test_the_time_that_decoding_took_is_taken_off(engine, server):
    server.behaviour.delay = 0.5
    question = Question(session_id="a")
    with pytest.raises(EngineFailed, match="did not answer in time"):
        engine.analyze(shown(), question, decode_ms=1000 * engine_module.WITHIN - 200)


def test_four_clips_are_answered_at_a_time(engine, server):
    server.behaviour.delay = 0.3
    clips = {"happy": shown(YELLOW), "angry": shown(RED), "sad": shown(BLUE), "fear": shown(DARK, loud=0.9)}
    with ThreadPoolExecutor(engine.parallel) as threads:
        results = list(threads.map(lambda clip: ask(engine, clip), clips.values()))
    assert [result.emotion for result in results] == list(clips)
    assert 1 < server.most_at_once <= engine.parallel


def test_it_remembers_nothing_of_a_session(engine):
    assert engine.wanted("a", [1.0, 2.0]) == [1.0, 2.0]
    ask(engine, shown())
    assert engine.wanted("a", [1.0, 2.0]) == [1.0, 2.0]
    assert engine.heard_until("a") == -float("inf")
    engine.forget("a")


def test_an_engine_that_was_not_loaded_does_not_answer():
    with pytest.raises(EngineUnavailable):
        ask(RemoteEngine(RemoteConfig(base_url="http://127.0.0.1:9/v1")), shown())


def test_it_is_light():
    program = """
import sys
from models.catalog import RemoteConfig, create
create(RemoteConfig(base_url="http://127.0.0.1:9/v1"))
import models.remote.server
heavy = {"torch", "transformers", "huggingface_hub"} & set(sys.modules)
print(*heavy, end="")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
