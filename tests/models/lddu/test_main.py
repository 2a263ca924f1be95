from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models.base import Question
from models.catalog import LdduConfig
from models.decode import decode_clip
from models.lddu import train as training
from models.lddu.__main__ import main
from models.lddu.engine import LdduEngine
from models.lddu.train import Epoch
from tests import media
from tests.models.lddu.test_mosei import split
from tests.models.lddu.tiny import save_clips


def mosei(path: Path) -> Path:
    path.write_bytes(pickle.dumps({name: split() for name in ("train", "valid", "test")}))
    return path


def run(*arguments: object) -> int:
    return main([str(each) for each in arguments])


def test_a_head_is_trained_on_a_pickle_and_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = mosei(tmp_path / "mosei.pkl"), tmp_path / "head.safetensors"
    assert run("train", "--data", data, "--out", out, "--epochs", 1, "--device", "cpu") == 0
    said = capsys.readouterr()
    assert "epoch 1/1" in said.err and "the head of epoch 1 is in" in said.out
    measured = said.out.splitlines()[-1]
    assert measured.startswith("test: 4 clips  accuracy ")
    assert run("evaluate", "--checkpoint", out, "--data", data, "--device", "cpu") == 0
    assert capsys.readouterr().out.splitlines() == [measured]
    manifest = json.loads((tmp_path / "head.json").read_text())
    assert manifest["head"]["widths"] == {"vision": 3, "audio": 2, "text": 8}
    assert manifest["towers"] == {"vision": None, "audio": None, "text": None}


def test_what_goes_wrong_is_one_clear_line(
    tmp_path: Path, vision_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clips = tmp_path / "clips"
    clips.mkdir()
    (tmp_path / "text.pkl").write_text("words")
    for arguments, said in (
        (("train", "--data", tmp_path / "none", "--out", tmp_path), "there is no "),
        (("train", "--data", tmp_path / "text.pkl", "--out", tmp_path), "cannot be read"),
        (("train", "--data", clips, "--out", tmp_path), "needs --vision-path, --audio-path or both"),
        (("train", "--data", clips, "--vision-path", clips, "--out", tmp_path), "download siglip"),
        (
            ("train", "--data", clips, "--vision-path", vision_path, "--out", tmp_path),
            "there is no",
        ),
        (("evaluate", "--data", clips, "--checkpoint", tmp_path), "no trained head"),
    ):
        assert run(*arguments) == 1
        printed = capsys.readouterr()
        assert said in printed.err and printed.err.count("\n") == 1 and not printed.out


def test_a_head_that_cannot_be_written_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    out = tmp_path / "file" / "head"
    assert run("train", "--data", mosei(tmp_path / "m.pkl"), "--out", out, "--epochs", 1) == 1
    assert f"{tmp_path / 'file'}" in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("wrong", [("--epochs", "0"), ("--epochs", "x"), ("--device", "tpu"), ("--more",)])
def test_arguments_that_make_no_sense_exit_with_2(wrong: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        run("train", "--data", tmp_path, "--out", tmp_path, *wrong)
    assert ended.value.code == 2


def test_an_interrupt_before_the_first_epoch_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*given: object) -> Epoch:
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "_epoch", interrupted)
    assert run("train", "--data", mosei(tmp_path / "m.pkl"), "--out", tmp_path / "head") == 1
    assert capsys.readouterr().err.endswith("stopped before there was anything to keep\n")
    assert not (tmp_path / "head").exists()


def test_asking_for_help_needs_no_torch() -> None:
    code = "import sys; sys.modules['torch'] = None; from models.lddu.__main__ import main; main(['--help'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "train" in done.stdout


@pytest.mark.slow
def test_a_head_trained_on_a_folder_of_clips_tells_them_apart_in_the_engine(
    tmp_path: Path, vision_path: Path, audio_path: Path, wav: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clips = save_clips(tmp_path / "clips", wav)
    smile, nobody = media.astronaut_frames(60, (160, 120), face=60), media.faceless_frames(60, (160, 120))
    towers = ("--vision-path", vision_path, "--audio-path", audio_path)
    out = tmp_path / "head"
    trained = run("train", "--data", clips, *towers, "--out", out, "--epochs", 12, "--device", "cpu")
    said = capsys.readouterr()
    assert trained == 0, said.err
    assert "features of 20/20 clips" in said.err
    assert run("evaluate", "--data", clips, *towers, "--checkpoint", out, "--device", "cpu") == 0
    assert capsys.readouterr().out.strip() == said.out.splitlines()[-1]
    engine = LdduEngine(LdduConfig(checkpoint=out, vision_path=vision_path, audio_path=audio_path))
    engine.load()
    for name, frames, sound in (("happy", smile, wav), ("neutral", nobody, None)):
        data = media.encode_clip(frames[30:], 10, wav=sound)
        clip = decode_clip(data, start=0.0, end=3.0, interval=engine.interval)
        result = engine.analyze(clip, Question(session_id=name), decode_ms=0.0)
        assert result.emotion == name
        assert np.isclose(sum(result.probabilities.values()), 1)


def test_a_place_that_cannot_be_written_to_is_said_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(training, "_epoch", None)  # which would be called
    (tmp_path / "file").write_text("in the way")
    assert run("train", "--data", mosei(tmp_path / "m.pkl"), "--out", tmp_path / "file" / "head") == 1
    assert str(tmp_path / "file") in capsys.readouterr().err


@pytest.mark.parametrize("rate", ["-1", "0", "nan", "fast"])
def test_a_learning_rate_that_makes_no_sense_is_refused(tmp_path: Path, rate: str) -> None:
    with pytest.raises(SystemExit):
        run("train", "--data", tmp_path, "--out", tmp_path / "head", "--learning-rate", rate)
