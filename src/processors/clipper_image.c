/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "processors/clipper_image.h"

#include <math.h>

#include "dsp/elementary.h"

enum { FRAMES = LAC_CLIPPER_IMAGE_FRAMES, SPLIT = LAC_CLIPPER_IMAGE_SPLIT, BLOCKS = LAC_CLIPPER_IMAGE_BLOCKS };

static const double WINDOW_S = 0.05;
/* A channel that is this much softer than the blocks on the mean places nothing. */
static const double HEARD = 1e-3;
/* No gain counts as lower: of the few blocks in which pulses outweigh a soft sound. */
static const double LOWEST_GAIN = 0.25;
/* Allowed where the limiter works by BUSY_DB at most; for each decibel more, as the limiter then moves the image as
 * well, PER_DB less, down to LEAST_DB. Together they stay about or under half a decibel
 * (docs/clipper.md). */
static const double ALLOWED_DB = 0.2, LEAST_DB = 0.12, PER_DB = 0.05, BUSY_DB = 4.0;

void lac_clipper_image_init(LacClipperImage *image, double rate_hz, uint32_t hop) {
  *image = (LacClipperImage){.block = hop / SPLIT};
  const double window = rint(WINDOW_S * rate_hz / image->block);
  image->window = window < BLOCKS ? (uint32_t)window : BLOCKS;
}

void lac_clipper_image_read(LacClipperImage *image, unsigned channel, const float *held, const float *points,
                            uint32_t factor) {
  for (uint32_t b = 0; b < BLOCKS; b++) {
    const size_t from = (size_t)b * image->block;
    double energy = 0, cross = 0;
    for (size_t i = from; i < from + image->block; i++)
      energy += (double)held[i] * (double)held[i];
    for (size_t i = from; i < from + image->block && b < (FRAMES - 1) * SPLIT; i++)
      cross += (double)held[i] * (double)points[factor * i];
    image->energy[channel][b] = energy;
    image->cross[channel][b] = b < (FRAMES - 1) * SPLIT ? cross : energy;
  }
}

/* Weight of each block and weight times shift, as running sums. */
static void sum_blocks(const LacClipperImage *image, double *weight, double *shift) {
  double mean = 0;
  weight[0] = shift[0] = 0;
  for (uint32_t b = 0; b < BLOCKS; b++) {
    weight[b + 1] = sqrt(image->energy[0][b] * image->energy[1][b]);
    mean += weight[b + 1] / BLOCKS;
  }
  for (uint32_t b = 0; b < BLOCKS; b++) {
    double gain[2] = {1, 1};
    for (unsigned c = 0; c < 2; c++) {
      if (!(image->energy[c][b] > HEARD * mean))
        weight[b + 1] = 0;
      else
        gain[c] = fmax(image->cross[c][b] / image->energy[c][b], LOWEST_GAIN);
    }
    const double part = weight[b + 1] > 0 ? weight[b + 1] * lac_db_from_gain(gain[0] / gain[1]) : 0.0;
    weight[b + 1] += weight[b];
    shift[b + 1] = shift[b] + part;
  }
}

double lac_clipper_image_shift_db(const LacClipperImage *image) {
  double weight[BLOCKS + 1], shift[BLOCKS + 1], largest = 0;
  sum_blocks(image, weight, shift);
  for (uint32_t b = 0; b + image->window <= BLOCKS; b++) {
    const double heard = weight[b + image->window] - weight[b], moved = shift[b + image->window] - shift[b];
    if (heard > 0 && fabs(moved) > fabs(largest) * heard)
      largest = moved / heard;
  }
  return largest;
}

double lac_clipper_image_allowed_db(double reduction_db) {
  return fmax(ALLOWED_DB - PER_DB * fmax(reduction_db - BUSY_DB, 0.0), LEAST_DB);
}
