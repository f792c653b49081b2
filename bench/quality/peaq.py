# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Third judge: the objective difference grade (ODG) of PEAQ, basic version.

0 is "imperceptible", -1 "perceptible but not annoying", down to -4 "very annoying"; equal files come out near +0.2. A
model of the ear (spectra of 2048 samples at 48 kHz, 109 bands of a quarter Bark, spreading in frequency and time) turns
reference and test into patterns, eleven figures (model output variables, MOVs) tell how these differ, and a small
network trained on listening tests makes one grade of them.

Sources. [BS] is ITU-R BS.1387-1 (11/2001), Annex 2. [K] is P. Kabal, "An Examination and Interpretation of ITU-R
BS.1387: Perceptual Evaluation of Audio Quality", TSP Lab report, McGill University, version 2, 2003. Where [BS] leaves
a choice this follows [K], but what enters the network is not limited and detection steps are cut towards zero, as [BS]
has it literally. The constants are theirs, read in public implementations that quote them; the code is our own.

Checked against grades by another implementation, six cuts at -9 LUFS: x42 dpl with 10 ms -0.23 (worst cut -0.88),
LSP -0.14 (worst -0.39); this one gives the same to 0.01. At 44.1 kHz a grade hangs on the bits it is fed, see
to_model_rate: at 16 instead of 24 x42 has -0.50, LSP -0.37.

Arrays of patterns are (frames, 2, channels, bands): reference first, test second.
"""
import numpy as np
from scipy import fft, signal

RATE, FRAME = 48000, 2048
HOP = FRAME // 2
FRAMES_PER_S = RATE / HOP
FULL_SCALE_SPL = 92.0
SINE_IN_BIN = 0.84971762641205 # what a sine of 1019.5 Hz leaves in its highest bin under the window, [K] 2.4
LOWEST_HZ, HIGHEST_HZ, BARK_STEP = 80.0, 18000.0, 0.25 # [BS] 2.1.5, [K] 2.6
SETTLED_FRAMES = int(np.ceil(0.5 * FRAMES_PER_S)) # modulation and noise loudness wait for half a second, [BS] 5.2.4
LOUD_FRAMES = int(np.ceil(0.05 * FRAMES_PER_S)) # noise loudness, until 50 ms after both reach 0.1 sone, [BS] 5.2.4
LEAST_SONE = 0.1

# The network of the basic version, [BS] 6.2. Columns: lowest and highest figure in training, weights to the
# three hidden nodes.
NETWORK = {
    "BandwidthRefB": (393.916656, 921.0, -0.502657, 0.436333, 1.219602),
    "BandwidthTestB": (361.965332, 881.131226, 4.307481, 3.246017, 1.123743),
    "TotalNMRB": (-24.045116, 16.212030, 4.984241, -2.211189, -0.192096),
    "WinModDiff1B": (1.110661, 107.137772, 0.051056, -1.762424, 4.331315),
    "ADBB": (-0.206623, 2.886017, 2.321580, 1.789971, -0.754560),
    "EHSB": (0.074318, 13.933351, -5.303901, -3.452257, -10.814982),
    "AvgModDiff1B": (1.113683, 63.257874, 2.730991, -6.111805, 1.519223),
    "AvgModDiff2B": (0.950345, 1145.018555, 0.624950, -1.331523, -5.955151),
    "RmsNoiseLoudB": (0.029985, 14.819740, 3.102889, 0.871260, -5.922878),
    "MFPDB": (0.000101, 1.0, -1.051468, -0.939882, -0.142913),
    "RelDistFramesB": (0.0, 1.0, -1.804679, -0.503610, -0.620456),
}
HIDDEN_BIAS = np.array([-2.518254, 0.654841, -2.207228])
OUTPUT_WEIGHTS, OUTPUT_BIAS = np.array([-3.817048, 4.107138, 4.629582]), -0.307594
LOWEST_ODG, HIGHEST_ODG = -3.98, 0.22


def _to_bark(hz):
    return 7 * np.arcsinh(hz / 650)


def _to_hz(bark):
    return 650 * np.sinh(bark / 7)


def _make_bands():
    """Centres in Hz, and how much of each bin belongs to each band: (bins, bands). [BS] 2.1.5, [K] 2.6."""
    low, high = _to_bark(LOWEST_HZ), _to_bark(HIGHEST_HZ)
    edges = np.append(np.arange(low, high, BARK_STEP), high)
    bins = np.arange(FRAME // 2 + 1)[:, None] * RATE / FRAME
    half = RATE / FRAME / 2
    covered = np.minimum(bins + half, _to_hz(edges[1:])) - np.maximum(bins - half, _to_hz(edges[:-1]))
    return _to_hz((edges[1:] + edges[:-1]) / 2), np.maximum(covered, 0) / (2 * half)


BAND_HZ, BAND_SHARES = _make_bands()
N_BANDS = len(BAND_HZ)


def _ear_weight():
    """Outer and middle ear as a factor on power per bin, [BS] (7)."""
    khz = np.maximum(np.arange(FRAME // 2 + 1) * RATE / FRAME, 1e-3) / 1000
    return 10 ** ((-2.184 * khz ** -0.8 + 6.5 * np.exp(-0.6 * (khz - 3.3) ** 2) - 1e-3 * khz ** 3.6) / 10)


def _keep(longest_s, shortest_s=0.008):
    """What a smoothing over time keeps from frame to frame, per band; longest_s holds at 100 Hz. [BS] 2.1.8, 3.1."""
    return np.exp(-1 / FRAMES_PER_S / (shortest_s + 100 / BAND_HZ * (longest_s - shortest_s)))


INTERNAL_NOISE = 10 ** (0.1456 * (BAND_HZ / 1000) ** -0.8) # [BS] (14), [K] (17)
EAR_WEIGHT = _ear_weight()
SMEAR_KEEP, PATTERN_KEEP = _keep(0.030), _keep(0.050)
# By how much masks lie under the excitation, [BS] (25)
MASK_OFFSET = 10 ** (np.where(np.arange(N_BANDS) * BARK_STEP <= 12, 3.0, np.arange(N_BANDS) * BARK_STEP / 4) / 10)


def _decay(inputs, keep):
    """y[n] = keep y[n-1] + x[n] over the frames."""
    out, state = np.empty_like(inputs), np.zeros_like(inputs[0])
    for frame, x in enumerate(inputs):
        state = out[frame] = keep * state + x
    return out


def _spread_raw(power):
    """Spreading in frequency with slopes that depend on level, before it is normalised. [BS] 2.1.7, [K] 2.8."""
    up = 10 ** ((-2.4 - 23 / BAND_HZ) * BARK_STEP) * power ** (0.2 * BARK_STEP)
    down = 10 ** (-2.7 * BARK_STEP)
    band = np.arange(N_BANDS)
    total = (1 - down ** (band + 1)) / (1 - down) + (1 - up ** (N_BANDS - band)) / (1 - up) - 1
    own, up, down = (power / total) ** 0.4, up ** 0.4, down ** 0.4
    out, reach = own.copy(), own.copy()
    for step in range(1, N_BANDS):
        reach = reach[..., :-1] * up[..., :N_BANDS - step]
        out[..., step:] += reach
    below = own[..., -1]
    for b in range(N_BANDS - 2, -1, -1):
        below = below * down
        out[..., b] += below
        below = below + own[..., b]
    return out ** 2.5


SPREAD_OF_ONES = _spread_raw(np.ones(N_BANDS))


def _spectra(frames):
    """Power per bin, a full-scale sine at FULL_SCALE_SPL, [BS] (2) to (4), [K] 2.2 to 2.4."""
    scale = 10 ** (FULL_SCALE_SPL / 10) / (SINE_IN_BIN * (FRAME - 1) / 4) ** 2
    spectrum = fft.rfft(frames * np.hanning(FRAME), axis=-1)
    return scale * (spectrum.real ** 2 + spectrum.imag ** 2)


def _modulation(unsmeared):
    """Modulation per band, and the average loudness that it is relative to, [BS] 3."""
    loud = unsmeared ** 0.3
    change = np.abs(np.diff(loud, axis=0, prepend=0)) * FRAMES_PER_S
    average = _decay((1 - PATTERN_KEEP) * loud, PATTERN_KEEP)
    return _decay((1 - PATTERN_KEEP) * change, PATTERN_KEEP) / (1 + average / 0.3), average


def _adapt(excitation):
    """Patterns without differences in level and slow differences in spectrum, [BS] (42) to (53)."""
    smooth = _decay((1 - PATTERN_KEEP) * excitation, PATTERN_KEEP)
    level = ((np.sqrt(smooth[:, 0] * smooth[:, 1]).sum(-1) / smooth[:, 1].sum(-1)) ** 2)[..., None]
    levelled = np.stack([excitation[:, 0] / np.maximum(level, 1), excitation[:, 1] * np.minimum(level, 1)], 1)
    ratio = _decay(levelled[:, 0] * levelled[:, 1], PATTERN_KEEP) / _decay(levelled[:, 0] ** 2, PATTERN_KEEP)
    factors = np.stack([np.minimum(ratio, 1), np.minimum(1 / ratio, 1)], 1)
    total = np.concatenate([np.zeros_like(factors[..., :1]), np.cumsum(factors, -1)], -1)
    first, last = np.maximum(np.arange(N_BANDS) - 3, 0), np.minimum(np.arange(N_BANDS) + 5, N_BANDS)
    mean = (total[..., last] - total[..., first]) / (last - first)
    return levelled * _decay((1 - PATTERN_KEEP) * mean, PATTERN_KEEP)


def _loudness(excitation):
    """Sone per frame, signal and channel, [BS] 3."""
    khz = BAND_HZ / 1000
    index = 10 ** ((-2 - 2.05 * np.arctan(khz / 4) - 0.75 * np.arctan((khz / 1.6) ** 2)) / 10)
    quiet = 10 ** (0.364 * khz ** -0.8)
    sone = 1.07664 * (quiet / index / 1e4) ** 0.23 * ((1 - index + index * excitation / quiet) ** 0.23 - 1)
    return 24 / N_BANDS * np.maximum(sone, 0).sum(-1)


def _bandwidth(power):
    """(frames, 2, channels) in bins, -1 where the reference has next to nothing above 8 kHz, [BS] 4.4."""
    floor = power[:, 1, :, 921:1024].max(-1)[..., None]
    bins = np.arange(1, 922)
    reference = np.max(np.where(power[:, 0, :, :921] > 10 * floor, bins, 0), -1)
    above = (power[:, 1, :, :921] >= 10 ** 0.5 * floor) & (bins <= reference[..., None])
    found = np.stack([reference, np.max(np.where(above, bins, 0), -1)], 1)
    return np.where(reference[:, None] > 346, found, -1)


def _harmonic_structure(power):
    """Regular ripple of the error over frequency, (frames, channels), [BS] 4; as in [K] the mean goes first."""
    lags = 256
    # The first bin is nought after the weighting of the ear: it does not count.
    log = np.log(np.maximum(power[:, 1, :, :2 * lags], 1e-20) / np.maximum(power[:, 0, :, :2 * lags], 1e-20))
    log[..., 0] = 0
    head = np.pad(log[..., :lags], [(0, 0)] * 2 + [(0, lags)])
    found = fft.irfft(fft.rfft(log) * np.conj(fft.rfft(head)))[..., :lags]
    energy = np.concatenate([np.zeros_like(log[..., :1]), np.cumsum(log ** 2, -1)], -1)
    norm = energy[..., lags:lags + 1] * (energy[..., lags:2 * lags] - energy[..., :lags])
    found = np.where(norm > 1e-20, found / np.sqrt(np.maximum(norm, 1e-20)), 1)
    window = np.hanning(lags) * np.sqrt(8 / 3) / lags
    peak = np.abs(fft.rfft((found - found.mean(-1, keepdims=True)) * window)) ** 2
    rising = np.diff(peak, axis=-1) > 0
    return 1000 * np.max(np.where(rising, peak[..., 1:], 0), -1)


def _noise_to_mask(weighted, excitation):
    """(frames, channels, bands), [BS] (70): the error is the difference of magnitudes."""
    error = (np.sqrt(weighted[:, 0]) - np.sqrt(weighted[:, 1])) ** 2
    return np.maximum(error @ BAND_SHARES, 1e-12) * MASK_OFFSET / excitation[:, 0]


def _noise_loudness(adapted, modulation):
    """(frames, channels), [BS] (66) to (68)."""
    slack = 0.15 * modulation + 0.5
    shrink = np.exp(np.minimum(-1.5 * (adapted[:, 1] - adapted[:, 0]) / adapted[:, 0], 700))
    over = np.maximum(slack[:, 1] * adapted[:, 1] - slack[:, 0] * adapted[:, 0], 0)
    partial = (1 + over / (INTERNAL_NOISE + slack[:, 0] * adapted[:, 0] * shrink)) ** 0.23 - 1
    return 24 / N_BANDS * np.sum((INTERNAL_NOISE / slack[:, 1]) ** 0.23 * partial, -1)


def _detection(excitation):
    """Per frame: probability that either ear hears the difference, and steps over threshold, [BS] (73) to (78)."""
    level = 10 * np.log10(excitation)
    difference = level[:, 0] - level[:, 1]
    at = 0.3 * level.max(1) + 0.7 * level[:, 1]
    safe = np.where(at > 0, at, 1.0)
    step = np.polyval([9.01033e-11, 5.05622e-6, -0.00102438, 0.0550197, -0.198719], safe)
    step = np.where(at > 0, 5.95072 * (6.39468 / safe) ** 1.71332 + step, 1e30)
    heard = 1 - 0.5 ** ((difference / step) ** np.where(difference > 0, 4, 6))
    return 1 - np.prod(1 - heard.max(1), -1), np.sum((np.abs(np.trunc(difference)) / step).max(1), -1)


def _is_sound(frames):
    """Frames from the first to the last with five samples of the reference that sum to 200 / 32768, [BS] 5.2.4."""
    total = np.cumsum(np.abs(frames), -1)
    loud = ((total[..., 5:] - total[..., :-5]).max(-1) >= 200 / 32768).any(1)
    used = np.flatnonzero(loud)
    return np.arange(len(frames)) if len(used) == 0 else np.arange(used[0], used[-1] + 1)


def _positive_mean(values):
    """Mean over frames of those not negative, then over channels."""
    used = values >= 0
    return float(np.mean(np.sum(np.where(used, values, 0), 0) / np.maximum(used.sum(0), 1)))


def _modulation_figures(modulation, average, frames):
    """(WinModDiff1B, AvgModDiff1B, AvgModDiff2B), [BS] (63), (65) and 5.2."""
    modulation, average = modulation[frames], average[frames, 0]
    rise = modulation[:, 1] - modulation[:, 0]
    plain = 100 * np.mean(np.abs(rise) / (1 + modulation[:, 0]), -1)
    added = 100 * np.mean(np.where(rise >= 0, rise, -0.1 * rise) / (0.01 + modulation[:, 0]), -1)
    weight = np.sum(average / (average + 100 * INTERNAL_NOISE ** 0.3), -1)
    weight = weight / weight.sum(0)
    tenth_s = int(0.1 * FRAMES_PER_S)
    slid = np.lib.stride_tricks.sliding_window_view(np.sqrt(plain), tenth_s, axis=0).mean(-1)
    return (float(np.sqrt(np.mean(slid ** 4, 0)).mean()), float(np.sum(weight * plain, 0).mean()),
            float(np.sum(weight * added, 0).mean()))


def _detection_figures(probability, steps):
    """(ADBB, MFPDB), [BS] 4."""
    clear = steps[probability > 0.5]
    distorted = 0.0 if len(clear) == 0 else -0.5 if clear.sum() == 0 else float(np.log10(clear.mean()))
    return distorted, float(signal.lfilter([0.1], [1, -0.9], probability).max())


def variables(reference, test):
    """The eleven figures of two aligned signals (samples, channels) at RATE, at least 0.7 s long."""
    n = min(len(reference), len(test))
    both = np.stack([reference[:n].T, test[:n].T])
    both = np.pad(both, [(0, 0), (0, 0), (0, HOP - n % HOP)])
    frames = np.moveaxis(np.lib.stride_tricks.sliding_window_view(both, FRAME, axis=-1)[..., ::HOP, :], 2, 0)
    power = _spectra(frames)
    weighted = power * EAR_WEIGHT
    pitch = np.maximum(weighted @ BAND_SHARES, 1e-12) + INTERNAL_NOISE
    unsmeared = _spread_raw(pitch) / SPREAD_OF_ONES
    excitation = np.maximum(_decay((1 - SMEAR_KEEP) * unsmeared, SMEAR_KEEP), unsmeared)
    modulation, average = _modulation(unsmeared)
    used = _is_sound(frames[:, 0])
    settled = used[used >= SETTLED_FRAMES]
    loud = np.flatnonzero((_loudness(excitation).min(1) > LEAST_SONE).any(1))
    heard = settled[settled >= (loud[0] if len(loud) else len(frames)) + LOUD_FRAMES]
    found = {}
    bandwidth = _bandwidth(power[used])
    found["BandwidthRefB"], found["BandwidthTestB"] = _positive_mean(bandwidth[:, 0]), _positive_mean(bandwidth[:, 1])
    ratio = _noise_to_mask(weighted[used], excitation[used])
    found["TotalNMRB"] = float(np.mean(10 * np.log10(ratio.mean((0, 2)))))
    found["RelDistFramesB"] = float(np.mean(ratio.max(-1) > 10 ** 0.15))
    found.update(zip(("WinModDiff1B", "AvgModDiff1B", "AvgModDiff2B"),
                     _modulation_figures(modulation, average, settled)))
    found["ADBB"], found["MFPDB"] = _detection_figures(*_detection(excitation[used]))
    structure = _harmonic_structure(power[used])
    has_energy = (frames[used][..., HOP:] ** 2).sum(-1).max((1, 2)) >= 8000 / 32768 ** 2
    found["EHSB"] = _positive_mean(np.where(has_energy[:, None], structure, -1))
    noise = _noise_loudness(_adapt(excitation)[heard], modulation[heard])
    found["RmsNoiseLoudB"] = float(np.sqrt(np.mean(noise ** 2, 0)).mean()) if len(heard) else 0.0
    return found


def grade(found):
    """ODG from the eleven figures, [BS] 6."""
    table = np.array(list(NETWORK.values()))
    scaled = (np.array([found[name] for name in NETWORK]) - table[:, 0]) / (table[:, 1] - table[:, 0])
    sigmoid = lambda x: 1 / (1 + np.exp(-x))
    index = OUTPUT_BIAS + OUTPUT_WEIGHTS @ sigmoid(HIDDEN_BIAS + scaled @ table[:, 2:])
    return float(LOWEST_ODG + (HIGHEST_ODG - LOWEST_ODG) * sigmoid(index))


def to_model_rate(samples, rate):
    """At RATE and 24 bits. The filter passes 0.91 of the lower half rate; from that half rate on it is 120 dB down. The
    bits matter: bandwidth is read against what lies above 21.6 kHz, and without their noise there would be nothing."""
    if rate != RATE:
        common = np.gcd(rate, RATE)
        up, down = RATE // common, rate // common
        half = min(rate, RATE) / 2
        taps, beta = signal.kaiserord(120, 0.087 * half / (rate * up / 2))
        window = signal.firwin(taps | 1, 0.9565 * half, window=("kaiser", beta), fs=rate * up)
        samples = signal.resample_poly(samples, up, down, axis=0, window=window)
    return np.rint(samples * 2 ** 23) / 2 ** 23


def compare(source, output, rate, lag, gain_db):
    """Grade of a limiter's output beside its input: moved back by `lag` frames and turned down by `gain_db` first."""
    lag = int(round(lag))
    output = output[lag:] if lag >= 0 else np.concatenate([np.zeros((-lag, output.shape[1])), output])
    found = variables(to_model_rate(source, rate), to_model_rate(output * 10 ** (-gain_db / 20), rate))
    return dict(odg=grade(found), movs=found)
