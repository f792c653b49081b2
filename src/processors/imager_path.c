/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "processors/imager_path.h"

#include <math.h>
#include <string.h>

#include <lacquer/processor.h>

#include "dsp/elementary.h"

enum { BANDS = LAC_IMAGER_BANDS, SPLITS = LAC_IMAGER_SPLITS, ROTATIONS = LAC_IMAGER_ROTATIONS };

/* Where the lowest band begins and the highest ends; frequencies per band at which its mean is taken. */
#define LOWEST_HZ 20.0
#define HIGHEST_HZ 20000.0
enum { POINTS = 8 };
/* 0.45 dB: how far the middle of a band may be off for the sake of the whole. */
#define MOST_AIM 1.0532

_Static_assert((int)SPLITS <= (int)LAC_WIDTH_MAX_SPLITS, "room for all splits");

static void write_rotation(const LacImagerPath *path, const LacImagerPlace *place, unsigned rotation,
                           LacSvfSection *section) {
  const double k = 1.0 / place->rotate_q, top = 0.45 * path->rate_hz, hz = place->rotate_hz[rotation];
  const LacSvf svf = {
      .g = lac_tan(LAC_PI * (hz < top ? hz : top) / path->rate_hz), .k = k, .low = 1.0, .band = -k, .high = 1.0};
  for (unsigned lane = 0; lane < LAC_SVF_LANES; lane++) {
    lac_svf_lane(section, lane, &svf, 1.0);
  }
}

/* As the filters see a frequency. */
static double warped(double hz, double rate_hz) {
  return lac_tan(LAC_PI * (hz < 0.45 * rate_hz ? hz : 0.45 * rate_hz) / rate_hz);
}

/* What each of n bands has at g, by their splits at split_g, all warped: real, as all bands have the phase of the same
 * all-pass. Below a Linkwitz-Riley split at h lies 1 / (1 + (g / h)^4). */
static void find_shares(unsigned n, const double *split_g, double g, double *share) {
  double rest = 1.0;
  for (unsigned s = 0; s < n - 1; s++) {
    const double x = g / split_g[s], below = 1.0 / (1.0 + x * x * x * x);
    share[s] = rest * below;
    rest -= share[s];
  }
  share[n - 1] = rest;
}

static double gain_at(unsigned n, const double *share, const double *gains) {
  double gain = 0;
  for (unsigned b = 0; b < n; b++) {
    gain += share[b] * gains[b];
  }
  return gain;
}

/* Shares in the middle of a band, and at POINTS frequencies evenly over its octaves. */
typedef struct Band {
  double middle[BANDS], all[POINTS][BANDS];
} Band;

static void find_bands(unsigned n, const double *hz, double rate_hz, Band *bands) {
  double split_g[SPLITS];
  for (unsigned s = 0; s < n - 1; s++) {
    split_g[s] = warped(hz[s], rate_hz);
  }
  for (unsigned b = 0; b < n; b++) {
    const double from = b == 0 ? LOWEST_HZ : hz[b - 1], to = b == n - 1 ? HIGHEST_HZ : hz[b];
    const double middle = b == 0 ? 0.5 * to : b == n - 1 ? 2.0 * from : sqrt(from * to);
    find_shares(n, split_g, warped(middle, rate_hz), bands[b].middle);
    const double step = lac_exp(lac_log(to / from) / POINTS);
    double f_hz = from * sqrt(step);
    for (unsigned i = 0; i < POINTS; i++, f_hz *= step) {
      find_shares(n, split_g, warped(f_hz, rate_hz), bands[b].all[i]);
    }
  }
}

/* What a band is to have in its middle for each unit that is asked of it: on pink noise the mean over all of it lies
 * closer to the neighbours; the middle goes the other way by one half of that, as far as it can bear. */
static double aim_of(unsigned n, const Band *band, const double *gains) {
  double power = 0;
  for (unsigned i = 0; i < POINTS; i++) {
    const double gain = gain_at(n, band->all[i], gains);
    power += gain * gain / POINTS;
  }
  const double middle = gain_at(n, band->middle, gains), aim = power > 0 ? sqrt(middle / sqrt(power)) : 1.0;
  return aim < 1.0 / MOST_AIM ? 1.0 / MOST_AIM : aim > MOST_AIM ? MOST_AIM : aim;
}

/* Gains of bands that leak into each other, so that each stands as asked: some rounds of Gauss and Seidel, held within
 * what a band may be asked to do for its neighbours. Bands with less than half of their own middle (splits close
 * together or in falling order) stay as they are. */
static void undo_leaks(unsigned n, const double *hz, double rate_hz, double *gains) {
  double asked[BANDS];
  Band bands[BANDS];
  if (n == 1) {
    return;
  }
  memcpy(asked, gains, n * sizeof *gains);
  find_bands(n, hz, rate_hz, bands);
  for (unsigned round = 0; round < 6; round++) {
    for (unsigned b = 0; b < n; b++) {
      const double own = bands[b].middle[b], others = gain_at(n, bands[b].middle, gains) - own * gains[b];
      const double aim = asked[b] * aim_of(n, &bands[b], gains);
      const double exact = own > 0 ? (aim - others) / own : asked[b], most = 1.5 * asked[b];
      const double held = exact < 0.5 * asked[b] ? 0.5 * asked[b] : exact > most ? most : exact;
      gains[b] = asked[b] + (held - asked[b]) * (own < 0.5 ? 0.0 : own > 0.7 ? 1.0 : (own - 0.5) / 0.2);
    }
  }
}

/* Split 0 is mono bass: nothing of the side below it. Above split s begins band s. Mono bass is to have its full slope,
 * so the bands are set right as if it were not there. */
static void find_splits(const LacImagerPath *path, const LacImagerPlace *place, double hz[SPLITS],
                        double gains[SPLITS + 1]) {
  const unsigned has_mono_bass = path->arrangement & 1u;
  gains[0] = place->width[0];
  for (unsigned s = 0; s < path->n_splits; s++) {
    hz[s] = place->split_hz[path->splits[s]];
    gains[s + 1] = place->width[path->splits[s]];
  }
  undo_leaks(path->n_splits + 1 - has_mono_bass, hz + has_mono_bass, path->rate_hz, gains + has_mono_bass);
  gains[0] = has_mono_bass ? 0.0 : gains[0];
}

void lac_imager_path_init(LacImagerPath *path, LacImagerArrangement arrangement, double rate_hz,
                          const LacImagerPlace *place) {
  memset(path, 0, sizeof *path);
  path->arrangement = arrangement;
  path->rate_hz = rate_hz;
  for (unsigned s = 0; s < SPLITS; s++) {
    if (arrangement >> s & 1u) {
      path->splits[path->n_splits++] = s;
    }
  }
  for (unsigned r = 0; r < ROTATIONS; r++) {
    if (arrangement >> (SPLITS + r) & 1u) {
      write_rotation(path, place, r, &path->rotate_next[path->n_rotations]);
      path->rotate_now[path->n_rotations] = path->rotate_next[path->n_rotations];
      path->rotations[path->n_rotations++] = r;
    }
  }
  double hz[SPLITS], gains[SPLITS + 1];
  find_splits(path, place, hz, gains);
  lac_width_splits_init(&path->width, path->n_splits, rate_hz, hz, gains);
}

void lac_imager_path_aim(LacImagerPath *path, const LacImagerPlace *place) {
  double hz[SPLITS], gains[SPLITS + 1];
  find_splits(path, place, hz, gains);
  lac_width_splits_aim(&path->width, hz, gains);
  for (unsigned r = 0; r < path->n_rotations; r++) {
    path->rotate_now[r] = path->rotate_next[r];
    write_rotation(path, place, path->rotations[r], &path->rotate_next[r]);
  }
}

void lac_imager_path_run(LacImagerPath *path, const LacSvfKernels *kernels, double *frames, uint32_t n_frames,
                         uint32_t first, bool is_moving) {
  for (unsigned r = 0; r < path->n_rotations; r++) {
    const LacSvfSection *section = &path->rotate_next[r];
    LacSvfState *state = &path->rotate_state[r];
    if (is_moving) {
      lac_svf_run_moving(&path->rotate_now[r], section, state, frames, n_frames, first, LAC_QUANTUM_FRAMES);
    } else {
      kernels->run(&section, &state, 1, frames, n_frames);
    }
  }
  lac_width_splits_run(&path->width, frames, n_frames, first, LAC_QUANTUM_FRAMES);
}

void lac_imager_path_flush(LacImagerPath *path) {
  lac_width_splits_flush(&path->width);
  for (unsigned r = 0; r < path->n_rotations; r++) {
    lac_svf_flush(&path->rotate_state[r]);
  }
}
