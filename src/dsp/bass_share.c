/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/bass_share.h"

#include <math.h>

#include "dsp/elementary.h"

static const double CORNER_HZ = 150.0, MEMORY_S = 0.1;
/* Energies this small (-200 dBFS) count as silence; also keeps the recursions out of denormal numbers. */
static const double SILENCE = 1e-20;

void lac_bass_share_init(LacBassShare *s, double rate_hz) {
  *s = (LacBassShare){.hop_frames = (uint32_t)(rate_hz / 1378.125 + 0.5)}; /* 32 frames at 44.1 kHz */
  const double hop_rate_hz = rate_hz / s->hop_frames;
  s->keep = lac_exp(-1.0 / (MEMORY_S * hop_rate_hz));
  /* Butterworth, order 4, bilinear: two sections with 1/Q = 2 sin(pi/8), 2 sin(3 pi/8). */
  const double k = lac_tan(LAC_PI * CORNER_HZ / hop_rate_hz);
  for (int section = 0; section < 2; section++) {
    const double per_q = 2.0 * lac_sin(LAC_PI * (2 * section + 1) / 8.0);
    const double norm = 1.0 / (1.0 + k * per_q + k * k);
    s->b[section][0] = s->b[section][2] = k * k * norm;
    s->b[section][1] = 2.0 * k * k * norm;
    s->a[section][0] = 2.0 * (k * k - 1.0) * norm;
    s->a[section][1] = (1.0 - k * per_q + k * k) * norm;
  }
}

void lac_bass_share_reset(LacBassShare *s) {
  s->filled = 0;
  s->sum[0] = s->sum[1] = s->square[0] = s->square[1] = s->bass_energy = s->energy = 0;
  s->share = 0;
  for (int c = 0; c < 2; c++)
    for (int section = 0; section < 2; section++) s->state[c][section][0] = s->state[c][section][1] = 0;
}

static double low_pass(LacBassShare *s, unsigned channel, double x) {
  for (int section = 0; section < 2; section++) {
    double *z = s->state[channel][section];
    const double *b = s->b[section], *a = s->a[section], y = b[0] * x + z[0];
    z[0] = b[1] * x - a[0] * y + z[1];
    z[1] = b[2] * x - a[1] * y;
    x = y;
  }
  return x;
}

static void end_hop(LacBassShare *s, unsigned n_channels) {
  double bass = 0, all = 0;
  for (unsigned c = 0; c < n_channels; c++) {
    const double low = low_pass(s, c, s->sum[c] / s->hop_frames);
    bass += low * low;
    all += s->square[c] / s->hop_frames;
    s->sum[c] = s->square[c] = 0;
  }
  s->bass_energy = bass + s->keep * (s->bass_energy - bass);
  s->energy = all + s->keep * (s->energy - all);
  s->filled = 0;
  if (s->energy < SILENCE)
    lac_bass_share_reset(s);
  else
    s->share = (float)fmin(1.0, s->bass_energy / s->energy);
}

void lac_bass_share_run(LacBassShare *s, const float *const *channels, unsigned n_channels, float *out, uint32_t n) {
  for (uint32_t done = 0, run; done < n; done += run) {
    run = s->hop_frames - s->filled;
    run = n - done < run ? n - done : run;
    for (unsigned c = 0; c < n_channels; c++) {
      double sum = s->sum[c], square = s->square[c];
      for (uint32_t i = done; i < done + run; i++) {
        const double v = (double)channels[c][i];
        sum += v;
        square += v * v;
      }
      s->sum[c] = sum, s->square[c] = square;
    }
    for (uint32_t i = done; i < done + run; i++) out[i] = s->share;
    s->filled += run;
    if (s->filled == s->hop_frames) end_hop(s, n_channels);
  }
}
