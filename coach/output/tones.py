"""Short tones as WAV files, made on the spot."""

import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

_RATE: Final = 22_050
_NOTE_S: Final = 0.11
_LOUDNESS: Final = 0.35


def make_tone(notes_hz: Sequence[float]) -> bytes:
    """Notes one after the other as 16-bit mono samples, each faded in and out so that it does not click."""
    t = np.arange(round(_RATE * _NOTE_S)) / _RATE
    fade = np.minimum(1.0, np.minimum(t, t[::-1]) / 0.012)
    notes = [np.sin(2 * np.pi * hz * t) * fade for hz in notes_hz]
    samples = (np.concatenate(notes) * _LOUDNESS * 32_767).astype("<i2")
    return samples.tobytes()


def write_tone(path: Path, notes_hz: Sequence[float]) -> Path:
    """The tone as a file; returns its path."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(make_tone(notes_hz))
    return path
