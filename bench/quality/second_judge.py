# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the noise-to-mask ratio of judge.py does not see: time.

nmr_t        the ratio again in frames of 2 ms (upper bands) and 12 ms (lower bands), with masking that decays after a
             sound and does not reach back before it: spill before an onset and fast gain movement count
pre_echo     how much the energy 5 to 20 ms before an onset rose over the driven input, in the worst band of the worst
             onset. A gain that only falls cannot raise it; something that spreads in time can
bass         what a bass-heavy frame gained below 400 Hz that is not its own spectrum at another level, in dB below it
image_shift  how far the level between left and right moved over 50 ms, both gains read at the same instants
"""
import numpy as np
from scipy import fft, signal

from . import judge, signals

LONG, SHORT = 512, 128 # frames of the temporal ratio for the lower and the upper bands
SPLIT_BAND = 13 # bands from 2 kHz on are as wide as a bin of the short frame


def _decay(energies, hop_s, hz):
    """Forward masking: 8 ms at high to 30 ms at low frequencies (the constants of ITU-R BS.1387, 2.1.4)."""
    tau = 0.008 + 100 / np.maximum(hz, 100) * 0.022
    fallen = np.arange(len(energies))[:, None] * (hop_s / tau)
    # The largest of all that went before, each fallen by its age: a running maximum once age is added back.
    return np.exp(np.maximum.accumulate(np.log(energies + 1e-30) + fallen, axis=0) - fallen)


def _temporal_energies(channel, rate, hop):
    """(frames, bands), lower bands from long and upper ones from short frames around the same instants. The long ones
    move half as often and stand twice: they change slowly."""
    pad = np.pad(channel, (LONG, LONG))
    long = np.repeat(judge.band_energies(pad[LONG // 2:], rate, LONG, 2 * hop), 2, axis=0)
    short = judge.band_energies(pad[LONG - SHORT // 2:], rate, SHORT, hop)
    n = len(channel) // hop
    return np.concatenate([long[:n, :SPLIT_BAND], short[:n, SPLIT_BAND:]], 1)


def temporal_ratio(matched, residual, rate):
    """(dB, share of instants with a band over the mask). Bands below 200 Hz are left to the first judge: too narrow."""
    hop, first = SHORT * 3 // 4, 2
    spread, offset, quiet = judge.spreading(), judge.mask_offset(), judge.quiet_threshold()
    ratios = []
    for c in range(matched.shape[1]):
        sound = _temporal_energies(matched[:, c], rate, hop)
        noise = _temporal_energies(residual[:, c], rate, hop)
        mask = np.maximum(_decay(sound, hop / rate, judge.BAND_CENTRES) @ spread.T * offset, quiet)
        ratios.append((noise / mask)[sound.sum(1) > 1e-7][:, first:])
    ratio = np.concatenate(ratios)
    return float(signals.energy_db(ratio.mean(), 1e-12)), float((ratio.max(1) > 1).mean())


def find_onsets(samples, rate, rise_db=5.0, apart_s=0.1):
    """Frames at which the energy over 5 ms exceeds that of the 30 ms before by rise_db, above 1.5 kHz; one per
    apart_s."""
    step = int(0.001 * rate)
    n = len(samples) // step
    bright = signal.sosfilt(signal.butter(2, 1500, "highpass", fs=rate, output="sos"), samples, axis=0)
    power = np.sum(bright[:n * step] ** 2, axis=1).reshape(n, step).sum(1) + 1e-12
    total = np.concatenate([[0], np.cumsum(power)])
    at = np.arange(40, n - 10)
    rise = signals.energy_db((total[at + 5] - total[at]) / 5) - signals.energy_db((total[at - 2] - total[at - 32]) / 30)
    loud = signals.energy_db((total[at + 5] - total[at]) / 5) > signals.energy_db(power.mean())
    onsets = []
    for i in at[(rise > rise_db) & loud]:
        if not onsets or i * step - onsets[-1] > apart_s * rate:
            onsets.append(int(i * step))
    return onsets


def pre_echo(aligned, output, rate, drive_db):
    """dB in the worst octave band at the worst onset, and how many onsets were judged. Bands more than 50 dB under the
    onset itself do not count: nobody hears them. -inf without onsets."""
    driven = aligned * 10 ** (drive_db / 20)
    onsets = [at for at in find_onsets(driven, rate) if at > int(0.03 * rate) and at + int(0.02 * rate) < len(output)]
    worst = -np.inf
    for low, high in ((60, 400), (400, 2500), (2500, 8000), (8000, 0.45 * rate)):
        band = signal.butter(2, [low, high], "bandpass", fs=rate, output="sos")
        # Backwards as well, so that the filter does not shift; its own reach back is the same in both.
        before, after = (signal.sosfilt(band, x, axis=0) for x in (driven, output))
        for at in onsets:
            span = slice(at - int(0.020 * rate), at - int(0.005 * rate))
            hit = np.mean(before[at:at + int(0.02 * rate)] ** 2)
            was, now = np.mean(before[span] ** 2), np.mean(after[span] ** 2)
            floor = max(hit * 1e-5, 1e-10)
            worst = max(worst, 10 * np.log10((now + floor) / (was + floor)))
    return float(worst), len(onsets)


def bass_distortion(aligned, output, rate, length=8192, limit_hz=400.0):
    """dB: over the frames whose energy is mostly below 400 Hz, the residual there after the best gain per frame and
    channel, mean of the worst tenth. NaN where there are none."""
    window = np.hanning(length)
    bins = int(limit_hz * length / rate)
    found = []
    for c in range(output.shape[1]):
        x = fft.rfft(signals.frames_of(aligned[:, c], length, length // 2) * window, axis=1)
        y = fft.rfft(signals.frames_of(output[:, c], length, length // 2) * window, axis=1)
        whole, low = np.sum(np.abs(x) ** 2, 1), np.sum(np.abs(x[:, 1:bins]) ** 2, 1)
        used = (low > 0.5 * whole) & (whole > 0.1 * whole.mean())
        x, y = x[used, 1:bins], y[used, 1:bins]
        gain = np.sum((np.conj(x) * y).real, 1) / np.sum(np.abs(x) ** 2, 1)
        rest = np.sum(np.abs(y - gain[:, None] * x) ** 2, 1)
        found.append(signals.energy_db(rest / np.maximum(np.sum(np.abs(gain[:, None] * x) ** 2, 1), 1e-20)))
    ratios = np.sort(np.concatenate(found))
    return float(ratios[-max(1, len(ratios) // 10):].mean()) if len(ratios) else float("nan")


def image_shift(aligned, output, rate, window_s=0.05):
    """Largest |dB| by which left moved against right over 50 ms. The gains of both channels are read at the same samples
    and count by the sound that is in both: equal gains give 0 whatever the signals are. Mono or silence gives 0."""
    if output.shape[1] < 2:
        return 0.0
    shared = np.abs(aligned[:, 0] * aligned[:, 1])
    floor = 1e-2 * shared.mean()
    safe = np.where(np.abs(aligned) > 1e-9, aligned, 1.0)
    gains = output / safe
    heard = (shared > floor) & (gains > 0.02).all(1)
    shift = np.zeros(len(shared))
    shift[heard] = 20 * np.log10(gains[heard, 0] / gains[heard, 1])
    weight = np.where(heard, shared, 0)
    length = int(window_s * rate)
    sums = lambda v: np.concatenate(([0.0], np.cumsum(v)))[length:] - np.concatenate(([0.0], np.cumsum(v)))[:-length]
    total = sums(weight)
    loud = total > 0.05 * np.mean(total) # what is nearly silent does not place anything
    return float(np.abs(sums(weight * shift)[loud] / total[loud]).max()) if loud.any() else 0.0


def compare(pair, drive_db):
    """Every figure of the second judge."""
    nmr_t, over_share_t = temporal_ratio(pair.matched, pair.residual, pair.rate)
    echo, n_onsets = pre_echo(pair.aligned, pair.output, pair.rate, drive_db)
    return dict(nmr_t=nmr_t, over_share_t=over_share_t, pre_echo=echo, n_onsets=n_onsets,
                bass=bass_distortion(pair.aligned, pair.output, pair.rate),
                image_shift=image_shift(pair.aligned, pair.output, pair.rate))
