/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Long-term spectrum and stereo image in one pass: FFT of mid (L+R)/2 and side (L-R)/2, Hann, 50 % overlap, 186 ms at
 * 44.1 kHz (8192 points; the length follows the rate so that a bin stays near 5 Hz), summed into the 40 bands.
 *
 * Gated like loudness: each frame's K-weighted power must exceed -70 LUFS and the mean of those frames - 10 LU. As
 * the second gate is known only at the end, every frame is kept as a record of coded levels: 216 bytes per 4096
 * frames (mono 92). Means decode to within 0.003 dB.
 *
 * Levels are mean squares: a square wave at full scale is 0 dB, a sine at full scale -3.01 dB, -159.5 dB the floor
 * that stands for nothing. Bands at or above half the sample rate are NAN, side and stereo of one channel too. */

#ifndef LAC_ANALYSIS_SPECTRUM_METER_H
#define LAC_ANALYSIS_SPECTRUM_METER_H

#include <lacquer/analysis.h>

#include "analysis/band_scale.h"
#include "analysis/level_code.h"
#include "analysis/meter_kernels.h"
#include "analysis/series.h"
#include "core/arena.h"
#include "dsp/fft.h"
#include "dsp/vector_kernels.h"

/* One FFT frame, gate not yet known. For one channel the record ends before `side`. */
typedef struct LacSpectrumRecord {
  float loudness;  /* K-weighted mean square, channels added */
  uint16_t stereo; /* code of the same */
  uint16_t mono;   /* code of it when both channels play the mid */
  uint16_t left;   /* code of the mean square of the bands, per channel */
  uint16_t right;
  uint16_t mid[LAC_BANDS];
  uint16_t side[LAC_BANDS];
  int8_t lean[LAC_BANDS]; /* Re(M conj S) over |M||S|, times 127: where between the channels */
} LacSpectrumRecord;

/* Which bins make a band: whole ones, and shares of those that a border cuts. */
typedef struct LacBandBins {
  uint32_t first, count; /* count 0: the band does not exist at this rate */
  const float *shares;
} LacBandBins;

typedef struct LacSpectrumMeter {
  const LacVectorKernels *vectors;
  const LacMeterKernels *kernels;
  double rate_hz;
  unsigned n_channels;
  uint32_t size, n_bins, padded_bins; /* FFT points; size / 2 + 1; rounded up to a multiple of 8 */
  LacFft *fft;
  LacArena *arena; /* everything below */
  float *window;
  float *mid, *side; /* the last `size` frames */
  uint32_t filled;
  bool any_frame;
  float *windowed, *scratch;
  float *mid_re, *mid_im, *side_re, *side_im;
  float *mid_power, *side_power, *cross;
  float *k_weights;  /* per bin */
  double *bin_power; /* mid + side of frames above the absolute gate, summed */
  uint64_t n_bin_frames;
  LacBandScale scale;
  LacBandBins bands[LAC_BANDS];
  double power_scale; /* |X|^2 to mean square */
  LacSeries records;
} LacSpectrumMeter;

LAC_NODISCARD LacStatus lac_spectrum_meter_init(LacSpectrumMeter *meter, double rate_hz, unsigned n_channels);
void lac_spectrum_meter_free(LacSpectrumMeter *meter);
/* Planar finite samples, any n_frames. */
LacStatus lac_spectrum_meter_add(LacSpectrumMeter *meter, const float *const *channels, uint32_t n_frames);
/* Ends the measurement: a signal shorter than one FFT is measured padded. */
LacStatus lac_spectrum_meter_result(LacSpectrumMeter *meter, LacSpectrum *spectrum, LacStereo *stereo);

#endif
