/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/true_peak.h"
#include "dsp/true_peak_kernels.h"

#include <string.h>

enum { TAPS = 12, BEFORE = TAPS - 1, CHUNK = 256, ROOM = 16 /* >= BEFORE */ };

/* ITU-R BS.1770-5, Annex 2, the informative 48-tap filter. The other two phases are these reversed. */
static const float ITU_PHASES[2][TAPS] = {
    {0.0017089843750f, 0.0109863281250f, -0.0196533203125f, 0.0332031250000f, -0.0594482421875f, 0.1373291015625f,
     0.9721679687500f, -0.1022949218750f, 0.0476074218750f, -0.0266113281250f, 0.0148925781250f, -0.0083007812500f},
    {-0.0291748046875f, 0.0292968750000f, -0.0517578125000f, 0.0891113281250f, -0.1665039062500f, 0.4650878906250f,
     0.7797851562500f, -0.2003173828125f, 0.1015625000000f, -0.0582275390625f, 0.0330810546875f, -0.0189208984375f}};
/* No phase lifts a block above its largest sample by more than its sum of magnitudes (2.04 and 1.43). */
static const float LARGEST_GAIN = 2.05f;

struct LacTruePeakItu {
  const LacTruePeakKernels *kernels;
  float phases[4][TAPS];
  uint32_t n_phases; /* 4, 2, or 0 for the samples alone */
  float largest;
  float buffer[ROOM + CHUNK];
};

LacStatus lac_true_peak_itu_new(LacArena *arena, double rate_hz, LacTruePeakItu **out) {
  LacTruePeakItu *meter = lac_arena_alloc(arena, 1, sizeof *meter);
  if (!meter)
    return LAC_ERR_MEMORY;
  meter->kernels = lac_true_peak_kernels_at(lac_cpu_level());
  /* The phases lie at 1/8, 3/8, 5/8 and 7/8 of a sample: the first and third alone make an even 2x grid. */
  meter->n_phases = rate_hz < 96000.0 ? 4 : rate_hz < 192000.0 ? 2 : 0;
  for (int k = 0; k < TAPS; k++) {
    const int second = meter->n_phases == 2 ? 2 : 1;
    meter->phases[0][k] = ITU_PHASES[0][k];
    meter->phases[second][k] = ITU_PHASES[1][k];
    meter->phases[3 - second][k] = ITU_PHASES[1][TAPS - 1 - k];
    meter->phases[3][k] = ITU_PHASES[0][TAPS - 1 - k];
  }
  *out = meter;
  return LAC_OK;
}

void lac_true_peak_itu_add(LacTruePeakItu *meter, const float *in, uint32_t n_frames) {
  for (uint32_t done = 0, n; done < n_frames; done += n) {
    n = n_frames - done < CHUNK ? n_frames - done : CHUNK;
    float *x = meter->buffer + ROOM, level, unused;
    memcpy(x, in + done, n * sizeof *in);
    meter->kernels->extent(x - BEFORE, n + BEFORE - 1, &level, &unused); /* reads one more on either side */
    const float newest = x[n - 1] < 0 ? -x[n - 1] : x[n - 1];
    level = newest > level ? newest : level;
    if (meter->n_phases == 0) {
      meter->largest = level > meter->largest ? level : meter->largest;
    } else if (level * LARGEST_GAIN > meter->largest) {
      const float peak = meter->kernels->itu((const float(*)[TAPS])meter->phases, meter->n_phases, x, n);
      meter->largest = peak > meter->largest ? peak : meter->largest;
    }
    memmove(meter->buffer, meter->buffer + n, ROOM * sizeof *in);
  }
}

float lac_true_peak_itu_result(const LacTruePeakItu *meter) {
  return meter->largest;
}
