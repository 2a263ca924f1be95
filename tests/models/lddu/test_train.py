from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from models.lddu.checkpoint import Checkpoint
from models.lddu.data import DataUnusable, Features
from models.lddu.evaluate import evaluate, predict
from models.lddu.head import LdduHead
from models.lddu.train import Epoch, TrainConfig, fit, thinned, train
from tests.models.lddu.conftest import CPU
from tests.models.lddu.synthetic import HEAD, TRAINING, dataset, noisy, one_hot, turning


def quiet(epoch: Epoch) -> None:
    del epoch


def weights(head: LdduHead) -> str:
    digest = hashlib.sha256()
    for each in head.state_dict().values():
        digest.update(each.numpy().tobytes())
    return digest.hexdigest()


@pytest.fixture(scope="module")
def trained() -> Checkpoint:
    torch.set_num_threads(1)
    return train(dataset(), HEAD, TRAINING, CPU, quiet)


def pooled(features: Features) -> NDArray[np.float64]:
    """What a linear model sees: each modality's mean over real steps, and a constant."""
    means = [
        (each * features.masks[name][..., None]).sum(1) / features.masks[name].sum(1, keepdims=True)
        for name, each in features.values.items()
    ]
    return np.concatenate([*means, np.ones((len(features), 1))], axis=1)


@pytest.mark.slow
def test_it_learns_what_no_linear_model_of_means_can(trained: Checkpoint) -> None:
    data = dataset()
    fitted, *_ = np.linalg.lstsq(pooled(data.train), data.train.labels, rcond=None)
    named = (pooled(data.test) @ fitted).argmax(axis=1)
    linear = (named == data.test.labels.argmax(axis=1)).mean()
    accuracy = evaluate(trained, data, "test").accuracy
    assert accuracy > 0.9
    assert accuracy > linear + 0.4


@pytest.mark.slow
def test_the_manifest_says_what_was_measured(trained: Checkpoint) -> None:
    data, manifest = dataset(), trained.manifest
    assert manifest.metrics["test"] == evaluate(trained, data, "test")
    assert manifest.clips == {"train": 400, "validation": 133, "test": 200}
    assert manifest.data_sha256 == data.sha256()
    assert 1 <= manifest.epochs <= TRAINING.epochs


def test_a_missing_modality_leaves_what_the_other_says(trained: Checkpoint) -> None:
    test = turning(200, 3)
    deaf = Features(
        values={"vision": test.values["vision"]}, masks={"vision": test.masks["vision"]}, labels=test.labels
    )
    named = predict(trained.head, deaf).scores.argmax(axis=1)
    rising = np.isin(test.labels.argmax(axis=1), [2, 6])
    assert (np.isin(named, [2, 6]) == rising).mean() > 0.9  # vision alone tells two classes from two


def test_numbers_repeat_from_a_seed() -> None:
    short = replace(TRAINING, epochs=2)
    made = [train(dataset(100), HEAD, replace(short, seed=seed), CPU, quiet) for seed in (4, 4, 5)]
    first, again, other = (weights(each.head) for each in made)
    assert first == again != other
    assert made[0].manifest == made[1].manifest


def test_training_leaves_the_caller_s_chance_alone() -> None:
    torch.manual_seed(7)
    fit(turning(40, 1), turning(20, 2), HEAD, replace(TRAINING, epochs=1), CPU, quiet)
    after = torch.rand(3)
    torch.manual_seed(7)
    assert torch.equal(after, torch.rand(3))


def test_nothing_but_test_metrics_depends_on_the_test_split() -> None:
    short = replace(TRAINING, epochs=4)
    data = dataset(150)
    spoilt = replace(data.test, labels=one_hot(np.full(len(data.test), 4)))
    honest, corrupted = (train(each, HEAD, short, CPU, quiet) for each in (data, replace(data, test=spoilt)))
    assert weights(honest.head) == weights(corrupted.head)
    assert honest.manifest.metrics["test"] != corrupted.manifest.metrics["test"]
    same = {"metrics": {}, "data_sha256": ""}
    assert honest.manifest.model_copy(update=same) == corrupted.manifest.model_copy(update=same)
    assert honest.manifest.metrics["validation"] == corrupted.manifest.metrics["validation"]


def test_training_ends_when_validation_has_not_improved_and_keeps_the_best() -> None:
    # The labels of validation are of chance: learning the others makes it worse.
    chance = np.random.default_rng(0)
    validation = replace(turning(60, 2), labels=one_hot(chance.integers(0, 7, 60)))
    epochs: list[Epoch] = []
    config = replace(TRAINING, epochs=12, patience=2, learning_rate=1e-2)
    _, number = fit(turning(200, 1), validation, HEAD, config, CPU, epochs.append)
    assert len(epochs) < 12 and epochs[-1].number == number + 2
    assert number == min(epochs, key=lambda epoch: epoch.validation).number


def test_an_interrupt_keeps_the_best_so_far_and_before_the_first_epoch_goes_on() -> None:
    def interrupt(epoch: Epoch) -> None:
        if epoch.number == 3:
            raise KeyboardInterrupt

    short = replace(TRAINING, epochs=10)
    made = train(dataset(60), HEAD, short, CPU, interrupt)
    assert made.manifest.epochs in (1, 2)

    def at_once(epoch: Epoch) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(dataset(60), HEAD, short, CPU, at_once)


def test_diverging_is_said() -> None:
    with pytest.raises(DataUnusable, match="lower learning rate"):
        fit(turning(60, 1), turning(20, 2), HEAD, TrainConfig(learning_rate=float("inf")), CPU, quiet)


@pytest.mark.slow
def test_uncertainty_grows_with_label_noise() -> None:
    levels = (0.0, 0.3, 0.7)
    training, _ = noisy(500, 1, levels)
    validation, _ = noisy(150, 2, levels)
    test, level = noisy(300, 3, levels)
    head, _ = fit(training, validation, HEAD, TRAINING, CPU, quiet)
    uncertainty = predict(head, test).uncertainty.mean(axis=1)
    means = [uncertainty[level == each].mean() for each in levels]
    assert means == sorted(means)
    assert means[2] > 1.1 * means[0]


def test_thinning_never_takes_all_there_is() -> None:
    masks = {"vision": torch.ones(1000, 2, dtype=torch.bool), "audio": torch.ones(1000, 3, dtype=torch.bool)}
    masks["audio"][:100] = False
    found = thinned(masks, 0.3, torch.Generator().manual_seed(0))
    seen, heard = found["vision"].any(dim=1), found["audio"].any(dim=1)
    assert (seen | heard).all()
    assert seen[:100].all() and not heard[:100].any()
    assert 0.15 < 1 - seen[100:].float().mean() < 0.28
