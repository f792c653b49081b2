# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a limiter did to the sound beyond setting its level.

The reference is the input, delayed to match and multiplied by a slow gain (least squares over 0.4 s), so that riding
the level is not counted. What the output has beyond it is the residual; a noise-to-mask ratio compares it with what the
reference hides: Bark bands, the spreading function of Schroeder, Atal and Hall (JASA 66, 1979), an offset of 6 to 9 dB
and the threshold in quiet after Terhardt (Hear. Res. 1, 1979) with full scale at 92 dB SPL.
"""
import numpy as np
from scipy import fft, signal

from . import signals

LEVEL_WINDOW_S = 0.4
FULL_SCALE_SPL = 92.0
# Zwicker's critical bands, upper edges in Hz
BAND_EDGES = np.array([0, 100, 200, 300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720, 2000, 2320, 2700, 3150, 3700,
                       4400, 5300, 6400, 7700, 9500, 12000, 15500], float)
BAND_CENTRES = (BAND_EDGES[1:] + BAND_EDGES[:-1]) / 2
N_BANDS = len(BAND_CENTRES)
FRAME = 2048


def _lag_frames(reference, output, rate, longest_s=0.06):
    """Delay of output against reference: the peak of the cross-correlation, then the slope of the phase."""
    n = len(output)
    part = slice(max(0, n // 2 - 2 * rate), n // 2 + 2 * rate) if n > 5 * rate else slice(0, n)
    a, b = reference[part].sum(1), output[part].sum(1)
    size = fft.next_fast_len(2 * len(a), True)
    correlation = np.abs(fft.irfft(fft.rfft(b, size) * np.conj(fft.rfft(a, size)), size))
    reach = int(longest_s * rate)
    lags = np.arange(-reach, reach + 1)
    lag = int(lags[np.argmax(correlation[lags])])
    hz, cross = signal.csd(np.roll(a, lag), b, rate, nperseg=4096)
    used = (hz > 300) & (hz < 9000)
    weight = np.abs(cross[used]) * hz[used]
    slope = np.sum(weight * np.angle(cross[used])) / (np.sum(weight * hz[used]) + 1e-30)
    part_of_frame = -slope * rate / (2 * np.pi)
    return lag, part_of_frame if 0.01 <= abs(part_of_frame) <= 0.6 else 0.0


def delay_frames(reference, output, rate):
    """How late the output is, in frames. Hard limiting moves the crests of a bass, and the answer with them: ask with
    something that the limiter leaves alone."""
    n = min(len(reference), len(output))
    return float(sum(_lag_frames(reference[:n], output[:n], rate)))


def align(reference, delay):
    """The reference, so many frames later."""
    n, lag = len(reference), int(delay)
    if lag == delay:
        moved = np.zeros_like(reference)
        moved[max(lag, 0):n + min(lag, 0)] = reference[max(-lag, 0):n - max(lag, 0)]
        return moved
    size = fft.next_fast_len(n + int(abs(delay)) + 64, True)
    spectrum = fft.rfft(reference, size, axis=0)
    turn = np.exp(-2j * np.pi * np.arange(len(spectrum)) / size * delay)
    return fft.irfft(spectrum * turn[:, None], size, axis=0)[:n]


def level_track(reference, output, rate, window_s=LEVEL_WINDOW_S):
    """Gain per frame: least squares in half-overlapping Hann windows, both channels together, straight between."""
    length = int(window_s * rate) // 2 * 2
    hop, n = length // 2, len(output)
    window = np.hanning(length + 1)[:-1]
    both = np.zeros(n + 2 * length)
    cross = np.zeros(n + 2 * length)
    both[length:length + n] = np.sum(reference * reference, axis=1)
    cross[length:length + n] = np.sum(reference * output, axis=1)
    starts = np.arange(-hop, n, hop)
    enough = np.minimum(starts + length, n) - np.maximum(starts, 0) >= hop // 2
    starts = starts[enough]
    gains = [np.dot(window, cross[s + length:s + 2 * length]) / (np.dot(window, both[s + length:s + 2 * length]) + 1e-9)
             for s in starts]
    return np.interp(np.arange(n), starts + hop, gains)


def spreading():
    """Row b: how far the energy of every band reaches into band b; rows sum to 1."""
    bark = np.arange(N_BANDS)
    d = bark[:, None] - bark[None, :] + 0.474
    spread = 10 ** ((15.81 + 7.5 * d - 17.5 * np.sqrt(1 + d * d)) / 10)
    return spread / spread.sum(1, keepdims=True)


def quiet_threshold():
    khz = BAND_CENTRES / 1000
    return 10 ** ((3.64 * khz ** -0.8 - 6.5 * np.exp(-0.6 * (khz - 3.3) ** 2) + 1e-3 * khz ** 4 - FULL_SCALE_SPL) / 10)


def mask_offset():
    """Share of the spread energy that is hidden: 6 dB down, up to 9 dB in the highest bands."""
    bark = np.arange(N_BANDS)
    return 10 ** (-np.where(bark < 12, 6.0, 6.0 + 0.25 * (bark - 12)) / 10)


def band_energies(channel, rate, length=FRAME, hop=FRAME // 2):
    """(frames, bands) of one channel; a full-scale sine has energy 1 in its bin."""
    window = np.hanning(length)
    scale = (window.sum() / 2) ** 2
    hz = np.arange(length // 2 + 1) * rate / length
    bands = np.stack([(hz >= low) & (hz < high) for low, high in zip(BAND_EDGES, BAND_EDGES[1:])], 1).astype(float)
    spectrum = fft.rfft(signals.frames_of(channel, length, hop) * window, axis=1)
    return (spectrum.real ** 2 + spectrum.imag ** 2) / scale @ bands


def noise_to_mask(matched, residual, rate):
    """NMR in dB (mean ratio over frames and bands), share of frames with a band over the mask, and per band the mean
    residual and mask in dB for pictures."""
    spread, offset, quiet = spreading(), mask_offset(), quiet_threshold()
    ratios, noises, masks = [], [], []
    for c in range(matched.shape[1]):
        sound, noise = band_energies(matched[:, c], rate), band_energies(residual[:, c], rate)
        mask = np.maximum(sound @ spread.T * offset, quiet)
        is_active = sound.sum(1) > 1e-7
        ratios.append((noise / mask)[is_active])
        noises.append(noise[is_active])
        masks.append(mask[is_active])
    ratio, noise, mask = np.concatenate(ratios), np.concatenate(noises), np.concatenate(masks)
    bands = dict(noise=signals.energy_db(noise.mean(0)), mask=signals.energy_db(mask.mean(0)))
    return float(signals.energy_db(ratio.mean(), 1e-12)), float((ratio.max(1) > 1).mean()), bands


def peak_to_short_term(output, rate):
    """PSR: median over 3-s stretches, a second apart, of sample peak over short-term loudness, in dB."""
    weighted, length = signals.k_weight(output, rate), 3 * rate
    found = []
    for s in range(0, len(output) - length + 1, rate):
        level = -0.691 + signals.energy_db(np.mean(weighted[s:s + length] ** 2, axis=0).sum())
        found.append(20 * np.log10(np.abs(output[s:s + length]).max() + 1e-12) - level)
    return float(np.median(found)) if found else float("nan")


def gain_curve(aligned, output, rate, step_s=0.001):
    """Estimated gain in dB per step: least squares over one step either side. NaN where there is next to no sound."""
    step = int(round(step_s * rate))
    n = len(output) // step
    fold = lambda x: np.convolve(x[:n * step].sum(1).reshape(n, step).sum(1), np.ones(3), "same")
    both, cross = fold(aligned * aligned), fold(aligned * output)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(both > 1e-7 * step, 20 * np.log10(np.maximum(cross / both, 1e-4)), np.nan)


class Pair:
    """Input and output of one limiter, aligned and matched, a fifth of a second cut from both ends. Its delay is found
    in the output where it is not known."""

    def __init__(self, reference, output, rate, delay=None):
        n = min(len(reference), len(output))
        self.rate = rate
        self.lag = delay_frames(reference, output, rate) if delay is None else delay
        self.aligned = align(reference[:n], self.lag)
        inner = slice(int(0.2 * rate), n - int(0.2 * rate))
        self.aligned, self.output = self.aligned[inner], output[:n][inner]
        self.matched = self.aligned * level_track(self.aligned, self.output, rate)[:, None]
        self.residual = self.output - self.matched


def compare(pair):
    """Every figure of the first judge."""
    nmr, over_share, bands = noise_to_mask(pair.matched, pair.residual, pair.rate)
    ratio = lambda r, x: float(signals.energy_db(signals.energy(r)) - signals.energy_db(signals.energy(x)))
    return dict(lag=pair.lag, nmr=nmr, over_share=over_share, bands=bands,
                residual=ratio(pair.residual, pair.matched),
                residual_k=ratio(signals.k_weight(pair.residual, pair.rate), signals.k_weight(pair.matched, pair.rate)),
                psr=peak_to_short_term(pair.output, pair.rate))
