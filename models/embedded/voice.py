"""What a voice does, moment by moment: pitch, level and tilt of the spectrum, ten milliseconds apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.base import SAMPLE_RATE

FRAME, HOP = 640, 160
"""Samples of a frame (three periods of the lowest pitch) and between frames."""

LOWEST, HIGHEST = 75, 500
"""Hz of pitches that are looked for."""

VOICED = 0.5
"""Autocorrelation, 1 for a perfect repeat, from which a frame has a pitch."""

QUIETEST = -60.0
"""dB below full scale under which nothing counts as voice."""

ABOVE_FLOOR = 9.0
"""dB by which voice stands out of the quietest tenth of the last seconds. Sound that never pauses is no speech."""

OCTAVE_TOLERANCE = 0.9
"""A pitch an octave higher is preferred if its peak is this much of the highest: lower octaves repeat too."""

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceFrames:
    """Arrays of shape (frames,): session seconds of the frames' middles, pitch in semitones above `LOWEST` (NaN
    where there is none), level in dB below full scale, tilt as dB of 1-4 kHz over what is below."""

    times: Array
    pitch: Array
    level: Array
    tilt: Array

    def between(self, start: float, end: float) -> VoiceFrames:
        """The frames of a span of session seconds, its start included."""
        inside = (self.times >= start) & (self.times < end)
        return VoiceFrames(
            times=self.times[inside],
            pitch=self.pitch[inside],
            level=self.level[inside],
            tilt=self.tilt[inside],
        )

    def then(self, later: VoiceFrames) -> VoiceFrames:
        """These frames and later ones."""
        return VoiceFrames(
            times=np.concatenate([self.times, later.times]),
            pitch=np.concatenate([self.pitch, later.pitch]),
            level=np.concatenate([self.level, later.level]),
            tilt=np.concatenate([self.tilt, later.tilt]),
        )

    def spoken(self) -> NDArray[np.bool_]:
        """Which frames are voice: they have a pitch and stand out."""
        if not len(self.level):
            return np.zeros(0, dtype=np.bool_)
        threshold = max(QUIETEST, float(np.percentile(self.level, 10)) + ABOVE_FLOOR)
        return np.isfinite(self.pitch) & (self.level > threshold)


SILENCE = VoiceFrames(times=np.zeros(0), pitch=np.zeros(0), level=np.zeros(0), tilt=np.zeros(0))


def listen(waveform: NDArray[np.float32], start: float) -> tuple[VoiceFrames, float]:
    """The frames of mono sound at `SAMPLE_RATE` that begins at session second `start`.

    Also the session second at which the next frame would begin: sound before it need not be heard again.
    """
    count = max(0, (len(waveform) - FRAME) // HOP + 1)
    if not count:
        return SILENCE, start
    sound = np.nan_to_num(waveform.astype(np.float64), posinf=0.0, neginf=0.0)
    frames = np.lib.stride_tricks.sliding_window_view(sound, FRAME)[::HOP][:count]
    frames = frames - frames.mean(axis=1, keepdims=True)
    window = np.hanning(FRAME)
    size = 1 << (FRAME + SAMPLE_RATE // LOWEST).bit_length()
    power = np.abs(np.fft.rfft(frames * window, size)) ** 2
    energy = (frames**2).mean(axis=1)
    voice = VoiceFrames(
        times=start + (np.arange(count) * HOP + FRAME / 2) / SAMPLE_RATE,
        pitch=_pitch(power, np.abs(np.fft.rfft(window, size)) ** 2),
        level=10 * np.log10(energy + 1e-12),
        tilt=_tilt(power, size),
    )
    return voice, start + count * HOP / SAMPLE_RATE


def _pitch(power: Array, window_power: Array) -> Array:
    """Pitch by autocorrelation, divided by the window's own as in Boersma, "Accurate short-term analysis of the
    fundamental frequency", 1993; NaN without."""
    shortest, longest = SAMPLE_RATE // HIGHEST, SAMPLE_RATE // LOWEST
    lags = slice(shortest - 1, longest + 2)
    repeats = np.fft.irfft(power)
    own = np.fft.irfft(window_power)
    strength = repeats[:, lags] / np.maximum(repeats[:, :1], 1e-12) / (own[lags] / own[0])
    middle = strength[:, 1:-1]
    peak = (middle > strength[:, :-2]) & (middle >= strength[:, 2:])
    height = np.where(peak, middle, 0.0)
    best = height.max(axis=1, keepdims=True)
    at = np.argmax(peak & (height >= OCTAVE_TOLERANCE * best), axis=1)
    rows = np.arange(len(at))
    before, here, after = strength[rows, at], strength[rows, at + 1], strength[rows, at + 2]
    bend = before - 2 * here + after
    shift = np.where(bend < 0, 0.5 * (before - after) / np.where(bend < 0, bend, -1.0), 0.0)
    frequency = SAMPLE_RATE / (at + shortest + np.clip(shift, -0.5, 0.5))
    semitones: Array = np.where(best[:, 0] >= VOICED, 12 * np.log2(frequency / LOWEST), np.nan)
    return semitones


def _tilt(power: Array, size: int) -> Array:
    def band(low: int, high: int) -> Array:
        total: Array = power[:, low * size // SAMPLE_RATE : high * size // SAMPLE_RATE].sum(axis=1)
        return total + 1e-12

    tilt: Array = 10 * np.log10(band(1000, 4000) / band(LOWEST, 1000))
    return tilt
