"""Whisper's encoder: a few steps for a stretch of sound, of which none is of padding."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import adaptive_avg_pool1d, gelu
from transformers import WhisperFeatureExtractor
from transformers.models.whisper.modeling_whisper import WhisperEncoder

from models.base import SAMPLE_RATE, EngineUnavailable
from models.lddu.folders import WHISPER, checked
from models.lddu.towers import fingerprint, load

STEPS = 60
"""Steps that a stretch of sound is averaged down to at most: the paper's longest sequence."""

SHORTEST = 0.1
"""Seconds; less sound than this is none."""


class AudioTower:
    """Turns sound into steps by Whisper's encoder. The folder may hold WhisperModel or one with a head on it.

    Whisper itself pads all sound to 30 s with silence. Here its layers see the real sound alone, at the same
    positions: 5 s take a sixth of the time, and no step is of silence that nobody heard. Its outputs are then not
    those of a padded run, which is why a head and the engine must both take them from here.
    """

    def __init__(self, folder: Path | None, device: torch.device) -> None:
        """Raises `EngineUnavailable`."""
        folder = checked(folder, WHISPER)
        self._encoder = load(WhisperEncoder, folder, WHISPER, device, {r"^(model\.)?encoder\.": ""})
        config = self._encoder.config
        if (folder / "preprocessor_config.json").exists():
            try:
                self._mel = WhisperFeatureExtractor.from_pretrained(  # nosec B615 # a folder of this machine
                    folder, local_files_only=True
                )
            except (OSError, ValueError) as error:
                raise EngineUnavailable(
                    f"{folder}/preprocessor_config.json cannot be read", "wrong_weights"
                ) from error
        else:
            self._mel = WhisperFeatureExtractor(feature_size=config.num_mel_bins)
        self._longest = config.max_source_positions * 2 * self._mel.hop_length
        self.width: int = config.d_model
        facts = {
            "tower": "whisper",
            "sizes": [
                config.d_model,
                config.encoder_layers,
                config.num_mel_bins,
                config.max_source_positions,
            ],
            "mel": [self._mel.feature_size, self._mel.hop_length, self._mel.n_fft],
        }
        self.fingerprint = fingerprint(facts, self._encoder.conv1.weight)

    def __call__(self, waveform: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """Steps (up to 60, width) of a mono waveform at `SAMPLE_RATE`, the newest 30 s of it; None when it is no
        sound: too short, or digital silence, which is what a muted microphone and a gap in a clip leave."""
        waveform = waveform[-self._longest :]
        if len(waveform) < SHORTEST * SAMPLE_RATE or not waveform.any():
            return None
        mel = self._mel(
            waveform, sampling_rate=SAMPLE_RATE, padding="do_not_pad", return_tensors="pt"
        ).input_features
        encoder = self._encoder
        with torch.inference_mode():
            frames = gelu(encoder.conv1(mel.to(encoder.device, encoder.dtype)))
            states = gelu(encoder.conv2(frames)).transpose(1, 2)
            states = states + encoder.embed_positions.weight[: states.shape[1]]
            for layer in encoder.layers:
                states = layer(states, None)
            states = encoder.layer_norm(states).float().transpose(1, 2)
            if states.shape[2] > STEPS:
                states = adaptive_avg_pool1d(states, STEPS)
        steps: NDArray[np.float32] = states[0].T.cpu().numpy()
        return steps
