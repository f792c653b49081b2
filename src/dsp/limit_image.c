/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/limit_image.h"

#include "core/memory.h"

#include <math.h>
#include <string.h>

/* Of the segment's mean: a window that is softer places nothing. */
static const double SILENT = 1e-3;

struct LacLimitImage {
  LacLimitLayout layout;
  double most_db;
  uint32_t window;                      /* cells */
  double *drift, *heard_drift, *shared; /* n_cells + 1, running sums; the first is 0 */
  float *ties;                          /* per knot */
};

LacStatus lac_limit_image_new(const LacLimitLayout *layout, double rate_hz, double most_db, LacLimitImage **out) {
  *out = NULL;
  LacLimitImage *image = lac_calloc(1, sizeof *image);
  if (!image)
    return LAC_ERR_MEMORY;
  const size_t n = (size_t)layout->n_cells + 1;
  image->layout = *layout;
  image->most_db = most_db;
  image->window = (uint32_t)rint(LAC_LIMIT_DRIFT_S * rate_hz / layout->spline.step);
  image->drift = lac_calloc(n, sizeof(double));
  image->heard_drift = lac_calloc(n, sizeof(double));
  image->shared = lac_calloc(n, sizeof(double));
  image->ties = lac_calloc(layout->n_knots, sizeof(float));
  if (!image->drift || !image->heard_drift || !image->shared || !image->ties) {
    lac_limit_image_free(image);
    return LAC_ERR_MEMORY;
  }
  *out = image;
  return LAC_OK;
}

void lac_limit_image_free(LacLimitImage *image) {
  if (!image)
    return;
  lac_free(image->drift);
  lac_free(image->heard_drift);
  lac_free(image->shared);
  lac_free(image->ties);
  lac_free(image);
}

/* Running sums over the cells: the difference of the gains in their middles as it is, and as it is heard, by the sound
 * that is in both channels and so has a place between them. */
static void sum_drift(LacLimitImage *image, const float *const *channels, const float *left, const float *right) {
  const uint32_t step = image->layout.spline.step, first = image->layout.margin_frames;
  for (uint32_t c = 0; c < image->layout.n_cells; c++) {
    const float *x = channels[0] + first + c * step, *y = channels[1] + first + c * step;
    const float outer = left[c] - right[c] + left[c + 3] - right[c + 3];
    const float inner = left[c + 1] - right[c + 1] + left[c + 2] - right[c + 2];
    const double difference_db = (double)(outer + 23.0f * inner) / 48.0; /* the cubic B-spline half way */
    double shared = 1e-20;
    for (uint32_t i = 0; i < step; i++)
      shared += fabs((double)x[i] * (double)y[i]);
    image->drift[c + 1] = image->drift[c] + difference_db;
    image->heard_drift[c + 1] = image->heard_drift[c] + difference_db * shared;
    image->shared[c + 1] = image->shared[c] + shared;
  }
}

/* Over the window that begins at a cell, in dB where it is more than allowed, else 0. */
static double drift_db(const LacLimitImage *image, uint32_t cell, double silent) {
  const uint32_t end = cell + image->window;
  const double mean = fabs(image->drift[end] - image->drift[cell]);
  const double heard = fabs(image->heard_drift[end] - image->heard_drift[cell]);
  const double shared = image->shared[end] - image->shared[cell];
  if (mean <= image->most_db * image->window && heard <= image->most_db * shared)
    return 0.0;
  const double mean_db = mean / image->window, heard_db = shared > silent ? heard / shared : 0.0;
  const double found_db = fmax(mean_db, heard_db);
  return found_db > image->most_db ? found_db : 0.0;
}

void lac_limit_tie_window(float *ties, size_t n, size_t at, size_t window, float tie) {
  const size_t half = window / 2, end = at + window + half < n ? at + window + half : n;
  for (size_t k = at > half ? at - half : 0; k < end; k++) {
    const size_t outside = k < at ? at - k : k >= at + window ? k - (at + window) + 1 : 0;
    const float wanted = tie * (1.0f - (float)outside / (float)(half + 1));
    ties[k] = wanted > ties[k] ? wanted : ties[k];
  }
}

/* One peak can be all that is heard in a window, so every place of the window is looked at, and the worst of each
 * stretch counts. */
bool lac_limit_image_tie(LacLimitImage *image, const float *const *channels, const float *const curves[2],
                         float *link) {
  const uint32_t n = image->layout.n_cells, end = n - image->window + 1, stretch = image->window / 16;
  bool is_tighter = false;
  sum_drift(image, channels, curves[0], curves[1]);
  const double silent = SILENT * image->shared[n] * image->window / n;
  memset(image->ties, 0, image->layout.n_knots * sizeof *image->ties);
  for (uint32_t first = 0; first < end; first += stretch) {
    double found_db = 0.0;
    uint32_t worst = first;
    for (uint32_t c = first; c < first + stretch && c < end; c++) {
      const double here_db = drift_db(image, c, silent);
      worst = here_db > found_db ? c : worst;
      found_db = fmax(here_db, found_db);
    }
    if (found_db > 0.0) {
      lac_limit_tie_window(image->ties + 1, n, worst, image->window,
                           (float)(1.0 - LAC_LIMIT_DRIFT_AIM * image->most_db / found_db)); /* cell c: knot c + 1 */
      is_tighter = true;
    }
  }
  for (uint32_t k = 0; k < image->layout.n_knots && is_tighter; k++)
    link[k] += image->ties[k] * (1.0f - link[k]);
  return is_tighter;
}
