/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "processors/imager_path.h"

#include <math.h>
#include <string.h>

#include <lacquer/processor.h>

#include "dsp/elementary.h"

enum { BANDS = LAC_IMAGER_BANDS, SPLITS = LAC_IMAGER_SPLITS, ROTATIONS = LAC_IMAGER_ROTATIONS };

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

/* What band b of n has of a frequency, by its splits at hz: real, as all bands have the phase of the same all-pass.
 * Below a Linkwitz-Riley split at h lies 1 / (1 + (f / h)^4). */
static double share(unsigned b, unsigned n, const double *hz, double f_hz) {
  double part = 1.0;
  for (unsigned s = 0; s < n - 1; s++) {
    const double x = f_hz / hz[s], below = 1.0 / (1.0 + x * x * x * x);
    part *= s < b ? 1.0 - below : s == b ? below : 1.0;
  }
  return part;
}

/* Gains of bands that leak into each other, so that in its middle each stands as asked: some rounds of Gauss and
 * Seidel, held within what a band may be asked to do for its neighbours. Bands with less than half of their own middle
 * (splits close together or in falling order) stay as they are. */
static void undo_leaks(unsigned n, const double *hz, double *gains) {
  double asked[BANDS];
  memcpy(asked, gains, n * sizeof *gains);
  for (unsigned round = 0; n > 1 && round < 4; round++) {
    for (unsigned b = 0; b < n; b++) {
      const double middle = b == 0 ? 0.5 * hz[0] : b == n - 1 ? 2.0 * hz[b - 1] : sqrt(hz[b - 1] * hz[b]);
      const double own = share(b, n, hz, middle);
      double others = 0;
      for (unsigned k = 0; k < n; k++) {
        others += k == b ? 0 : share(k, n, hz, middle) * gains[k];
      }
      const double exact = own > 0 ? (asked[b] - others) / own : asked[b], most = 1.5 * asked[b];
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
  undo_leaks(path->n_splits + 1 - has_mono_bass, hz + has_mono_bass, gains + has_mono_bass);
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
