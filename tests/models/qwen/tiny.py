"""Qwen-Omni in a few hundred kilobytes: random weights in real folders, for tests of everything but the answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

Kind = Literal["qwen2.5", "qwen2.5-whole", "qwen3", "qwen3-whole"]

NAMES = {
    "qwen2.5": {
        "audio": "<|AUDIO|>",
        "image": "<|IMAGE|>",
        "video": "<|VIDEO|>",
        "audio_start": "<|audio_bos|>",
        "audio_end": "<|audio_eos|>",
        "vision_start": "<|vision_bos|>",
        "vision_end": "<|vision_eos|>",
    },
    "qwen3": {
        "audio": "<|audio_pad|>",
        "image": "<|image_pad|>",
        "video": "<|video_pad|>",
        "audio_start": "<|audio_start|>",
        "audio_end": "<|audio_end|>",
        "vision_start": "<|vision_start|>",
        "vision_end": "<|vision_end|>",
    },
}
"""What the generations call their special tokens."""

TURNS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
VOCABULARY = 512
MIXED_ROPE = {"rope_type": "default", "mrope_section": [2, 3, 3], "rope_theta": 1_000_000.0}


def save_tiny_qwen(folder: Path, kind: Kind) -> Path:
    """Make a model of a kind and save it in `folder` as transformers does; "whole" kinds have the layout of the
    published checkpoints, the Thinker's weights among those of a talker."""
    import torch

    generation, _, whole = kind.partition("-")
    tokenizer = _tokenizer(generation)
    torch.manual_seed(7)
    model = _qwen2_5(tokenizer) if generation == "qwen2.5" else _qwen3(tokenizer)
    # As trained weights are: the untrained ones are so small that neither picture nor sound would matter.
    for weight in model.parameters():
        if weight.dim() > 1:
            torch.nn.init.normal_(weight, std=0.2)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    if whole:
        _make_whole(folder, "qwen2_5_omni" if generation == "qwen2.5" else "qwen3_omni_moe")
    return folder


def _tokenizer(generation: str):
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    from models.prompt import DESCRIPTION, LABEL, SYSTEM

    special = [*TURNS, *NAMES[generation].values()]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - len(special),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    # Names of classes are one, two or more tokens long, as they are in the real vocabulary.
    common = ["happy", "sad", "ang", "ry"] * 9
    text = [*SYSTEM.values(), *LABEL.values(), *DESCRIPTION.values(), "assistant\n", *common]
    tokenizer.train_from_iterator(text, trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|im_end|>")
    fast.add_special_tokens({"additional_special_tokens": special})
    assert len(fast) <= VOCABULARY
    return fast


def _ids(tokenizer, generation: str) -> dict[str, int]:
    return {
        f"{name}_token_id": tokenizer.convert_tokens_to_ids(token)
        for name, token in NAMES[generation].items()
    }


def _text() -> dict:
    return {
        "vocab_size": VOCABULARY,
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "rope_parameters": MIXED_ROPE,
        "tie_word_embeddings": False,
    }


def _audio() -> dict:
    return {
        "num_mel_bins": 128,
        "encoder_layers": 2,
        "encoder_attention_heads": 2,
        "encoder_ffn_dim": 64,
        "d_model": 32,
        "output_dim": 64,
    }


def _vision() -> dict:
    return {
        "depth": 2,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_heads": 2,
        "out_hidden_size": 64,
    }


def _qwen2_5(tokenizer):
    from transformers import Qwen2_5OmniThinkerConfig, Qwen2_5OmniThinkerForConditionalGeneration

    ids = _ids(tokenizer, "qwen2.5")
    # This generation's config calls these three by another name.
    for name in ("audio", "image", "video"):
        ids[f"{name}_token_index"] = ids.pop(f"{name}_token_id")
    config = Qwen2_5OmniThinkerConfig(
        text_config=_text(),
        vision_config=_vision() | {"fullatt_block_indexes": [1]},
        audio_config=_audio(),
        **ids,
    )
    return Qwen2_5OmniThinkerForConditionalGeneration(config).eval()


def _qwen3(tokenizer):
    from transformers import Qwen3OmniMoeThinkerConfig, Qwen3OmniMoeThinkerForConditionalGeneration

    config = Qwen3OmniMoeThinkerConfig(
        text_config=_text()
        | {"head_dim": 16, "num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32},
        vision_config=_vision() | {"deepstack_visual_indexes": [0, 1], "num_position_embeddings": 64},
        audio_config=_audio() | {"downsample_hidden_size": 16},
        position_id_per_seconds=13,
        **_ids(tokenizer, "qwen3"),
    )
    return Qwen3OmniMoeThinkerForConditionalGeneration(config).eval()


def _make_whole(folder: Path, model_type: str) -> None:
    """The layout of a published checkpoint: every key under "thinker.", a talker beside it, in two files."""
    import torch
    from safetensors.torch import load_file, save_file

    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(
        json.dumps({"model_type": model_type, "thinker_config": config, "enable_audio_output": True})
    )
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    weights = {f"thinker.{name}": weight for name, weight in weights.items()}
    weights["talker.model.norm.weight"] = torch.ones(8)
    names = sorted(weights)
    files = {
        "model-00001-of-00002.safetensors": names[: len(names) // 2],
        "model-00002-of-00002.safetensors": names[len(names) // 2 :],
    }
    for file, held in files.items():
        save_file({name: weights[name] for name in held}, folder / file, metadata={"format": "pt"})
    weight_map = {name: file for file, held in files.items() for name in held}
    (folder / "model.safetensors.index.json").write_text(
        json.dumps({"metadata": {}, "weight_map": weight_map})
    )
