"""Writes tests/golden/librosa_features.json: what librosa makes of a signal that the tests generate themselves.

    pip install librosa==0.11.0
    python scripts/golden/librosa_features.py > tests/golden/librosa_features.json

The signal (`signal` below, `tests::signal` in src/music/features/golden.rs) is six seconds at 22,050 Hz: a chirp, three
steady tones, clicks and noise of a linear congruential generator, computed in double precision and rounded to single.
"""

import json
import sys

import librosa
import numpy as np

RATE = 22_050


def signal():
    n = np.arange(6 * RATE, dtype=np.float64)
    t = n / RATE
    chirp = 0.2 * np.sin(2 * np.pi * (200.0 * t + 250.0 * t * t))
    tones = sum(0.1 * np.sin(2 * np.pi * f * t) for f in (220.0, 277.1826, 329.6276))
    # A click of 64 samples every half second, growing over the clip.
    phase = np.arange(len(n)) % (RATE // 2)
    clicks = np.where(phase < 64, 0.5 * (1.0 - phase / 64.0) * t / 6.0, 0.0)
    state, noise = 12345, np.empty(len(n))
    for i in range(len(n)):
        state = (state * 1_103_515_245 + 12_345) % 2**31
        noise[i] = state / 2**30 - 1.0
    return (chirp + tones + clicks + 0.02 * noise).astype(np.float32)


def moments(rows):
    rows = np.atleast_2d(np.asarray(rows, dtype=np.float64))
    return {"mean": rows.mean(axis=1).tolist(), "sd": rows.std(axis=1).tolist()}


def main():
    y = signal()
    s = {"y": y, "sr": RATE}
    golden = {
        "librosa": librosa.__version__,
        "mfcc": moments(librosa.feature.mfcc(n_mfcc=20, **s)),
        "centroid": moments(librosa.feature.spectral_centroid(**s)),
        "bandwidth": moments(librosa.feature.spectral_bandwidth(**s)),
        "rolloff": moments(librosa.feature.spectral_rolloff(**s)),
        "flatness": moments(librosa.feature.spectral_flatness(y=y)),
        "contrast": moments(librosa.feature.spectral_contrast(**s)),
        "chroma": moments(librosa.feature.chroma_stft(tuning=0.0, **s)),
        "zero_crossings": moments(librosa.feature.zero_crossing_rate(y)),
        "rms": moments(librosa.feature.rms(y=y)),
        "onset": moments(librosa.onset.onset_strength(**s)),
    }
    json.dump(golden, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
