from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.lddu.head import HeadConfig, LdduHead, positions
from tests.models.lddu.synthetic import HEAD, TINY, turning


def head_of(config: HeadConfig = HEAD) -> LdduHead:
    torch.manual_seed(0)
    return LdduHead(config).eval()


def batch(n: int = 4) -> tuple[dict, dict]:
    features = turning(n, 5)
    return (
        {name: torch.from_numpy(each) for name, each in features.values.items()},
        {name: torch.from_numpy(each) for name, each in features.masks.items()},
    )


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=4), st.floats(-1e6, 1e6) | st.just(float("nan")))
def test_padding_does_not_matter_wherever_it_is_and_whatever_it_holds(at: list[int], filler: float) -> None:
    head, (values, masks) = head_of(), batch()
    with torch.inference_mode():
        before = head(values, masks)
        padded, mask = values["vision"], masks["vision"]
        for place in at:
            padded = torch.cat(
                [padded[:, :place], torch.full((4, 1, padded.shape[2]), filler), padded[:, place:]], 1
            )
            mask = torch.cat([mask[:, :place], torch.zeros(4, 1, dtype=torch.bool), mask[:, place:]], 1)
        after = head({**values, "vision": padded}, {**masks, "vision": mask})
    assert torch.allclose(before.score, after.score, atol=1e-5)
    assert torch.allclose(before.uncertainty, after.uncertainty, atol=1e-4)


def test_the_order_of_real_steps_matters() -> None:
    head, (values, masks) = head_of(), batch()
    turned = {**values, "vision": values["vision"].roll(1, dims=1)}
    masks["vision"][:] = True
    with torch.inference_mode():
        assert not torch.allclose(head(values, masks).score, head(turned, masks).score, atol=1e-3)


def test_a_modality_masked_altogether_is_the_same_as_one_left_out() -> None:
    head, (values, masks) = head_of(), batch()
    masked = {**masks, "audio": torch.zeros_like(masks["audio"])}
    with torch.inference_mode():
        one = head(values, masked)
        other = head({"vision": values["vision"]}, {"vision": masks["vision"]})
        both = head(values, masks)
    assert torch.equal(one.score, other.score)
    assert one.present.tolist() == other.present.tolist() == [[True, False]] * 4
    assert one.score.isfinite().all() and not torch.allclose(one.score, both.score, atol=1e-3)


def test_clips_of_a_batch_do_not_see_each_other() -> None:
    head, (values, masks) = head_of(), batch()
    masks["audio"][1] = False
    with torch.inference_mode():
        together = head(values, masks).score
        alone = [
            head(
                {n: v[at : at + 1] for n, v in values.items()}, {n: m[at : at + 1] for n, m in masks.items()}
            )
            for at in range(4)
        ]
    assert torch.allclose(together, torch.cat([each.score for each in alone]), atol=1e-5)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_real_step_that_is_no_number_is_never_answered(bad: float) -> None:
    head, (values, masks) = head_of(), batch()
    values["audio"][2, 0, 3] = bad
    with pytest.raises(ValueError, match="audio features are not all finite"):
        head(values, masks)


def test_a_head_wants_one_of_its_modalities() -> None:
    with pytest.raises(ValueError, match="takes vision, audio, and got none"):
        head_of()({"text": torch.zeros(1, 2, 12)}, {"text": torch.ones(1, 2, dtype=torch.bool)})


@pytest.mark.parametrize(
    "sizes", [{"widths": {}}, {"widths": {"smell": 3}}, {"heads": 5}, {"width": 0}, {"layers": 0}]
)
def test_sizes_that_do_not_go_together_are_refused(sizes: dict) -> None:
    with pytest.raises(ValueError):
        HeadConfig(**{"widths": {"vision": 3}, **TINY, **sizes})


def test_the_paper_s_head_has_about_six_million_parameters() -> None:
    head = LdduHead(HeadConfig(widths={"text": 768, "vision": 35, "audio": 74}))
    assert 5e6 < sum(each.numel() for each in head.parameters()) < 8e6


def test_the_score_is_the_means_where_confidence_is_full() -> None:
    head, (values, masks) = head_of(), batch()
    with torch.inference_mode():
        head.confidence[-1].bias += 100
        output = head(values, masks)
        assert torch.allclose(output.score, output.mean_score)
        head.confidence[-1].bias -= 200
        assert not torch.allclose(head(values, masks).score, output.mean_score, atol=1e-3)


def test_positions_count_real_steps_alone() -> None:
    mask = torch.tensor([[False, True, False, True], [True, True, False, False]])
    found = positions(mask, 8)
    assert torch.equal(found[0, [1, 3]], found[1, [0, 1]])
    assert np.allclose(found[1, 0].numpy(), [0, 0, 0, 0, 1, 1, 1, 1])
