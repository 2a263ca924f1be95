"""SigLIP and Whisper towers of random weights, small and saved as real ones are, and a folder of labelled clips."""

from __future__ import annotations

from pathlib import Path

from tests import media


def siglip():
    import torch
    from transformers import SiglipConfig, SiglipModel

    torch.manual_seed(1)
    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_attention_heads": 2}
    return SiglipModel(
        SiglipConfig(
            vision_config={**sizes, "num_hidden_layers": 2, "image_size": 32, "patch_size": 8},
            text_config={**sizes, "num_hidden_layers": 1, "vocab_size": 50, "max_position_embeddings": 8},
        )
    ).eval()


def whisper():
    import torch
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    torch.manual_seed(2)
    sizes = {"encoder_ffn_dim": 32, "decoder_ffn_dim": 32, "encoder_attention_heads": 2}
    tokens = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1}
    return WhisperForConditionalGeneration(
        WhisperConfig(
            **sizes,
            **tokens,
            vocab_size=60,
            d_model=16,
            encoder_layers=2,
            decoder_layers=1,
            decoder_attention_heads=2,
        )
    ).eval()


def save_siglip(folder: Path) -> Path:
    """A folder that LDDU_VISION_PATH may name."""
    siglip().save_pretrained(folder)
    return folder


def save_whisper(folder: Path) -> Path:
    """A folder that LDDU_AUDIO_PATH may name."""
    from transformers import WhisperFeatureExtractor

    whisper().save_pretrained(folder)
    WhisperFeatureExtractor(feature_size=80).save_pretrained(folder)
    return folder


def save_clips(folder: Path, wav: Path) -> Path:
    """Twenty clips of three seconds: a smile that speaks, `happy`, and nobody in silence, `neutral`."""
    folder.mkdir()
    smile, nobody = media.astronaut_frames(60, (160, 120), face=60), media.faceless_frames(60, (160, 120))
    lines = ["file,emotion,split"]
    for at in range(10):
        share = "test" if at < 2 else "validation" if at < 4 else "train"
        for name, frames, sound in (("happy", smile, wav), ("neutral", nobody, None)):
            part = frames[3 * at : 3 * at + 30]
            (folder / f"{name}{at}.webm").write_bytes(media.encode_clip(part, 10, wav=sound))
            lines.append(f"{name}{at}.webm,{name},{share}")
    (folder / "labels.csv").write_text("\n".join(lines))
    return folder
