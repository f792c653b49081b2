/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "processors/clipper_image.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "dsp/elementary.h"

enum {
  FRAMES = LAC_CLIPPER_IMAGE_FRAMES,
  SPLIT = LAC_CLIPPER_IMAGE_SPLIT,
  PAST = LAC_CLIPPER_IMAGE_PAST,
  BLOCKS = LAC_CLIPPER_IMAGE_BLOCKS,
  NEWEST = (PAST + FRAMES - 3) * SPLIT /* the first block of the newest clipped frame */
};

static const double WINDOW_S = 0.05;
/* A channel that is this much softer than the blocks on the mean places nothing. */
static const double HEARD = 1e-3;
/* No gain counts as lower: of the few blocks in which pulses outweigh a soft sound. */
static const double LOWEST_GAIN = 0.25;
/* Allowed where the limiter works by BUSY_DB at most; for each decibel more, as the limiter then moves the image as
 * well, PER_DB less, down to LEAST_DB. Together they stay about or under half a decibel
 * (docs/processors/clipper.md). */
static const double ALLOWED_DB = 0.22, LEAST_DB = 0.14, PER_DB = 0.05, BUSY_DB = 4.0;

void lac_clipper_image_init(LacClipperImage *image, double rate_hz, uint32_t hop) {
  *image = (LacClipperImage){.block = hop / SPLIT};
  const double window = rint(WINDOW_S * rate_hz / image->block);
  image->window = window < NEWEST ? (uint32_t)window : NEWEST;
}

void lac_clipper_image_reset(LacClipperImage *image) {
  memset(image->energy, 0, sizeof image->energy);
  memset(image->cross, 0, sizeof image->cross);
}

/* Of one block: what came, and what is left of it. */
static void read_block(LacClipperImage *image, unsigned channel, uint32_t block, const float *x, const float *points,
                       uint32_t factor) {
  double energy = 0, cross = 0;
  for (size_t i = 0; i < image->block; i++) {
    energy += (double)x[i] * (double)x[i];
    cross += (double)x[i] * (double)points[factor * i];
  }
  image->energy[channel][block] = energy;
  image->cross[channel][block] = cross;
}

void lac_clipper_image_read(LacClipperImage *image, unsigned channel, const float *held, const float *points,
                            uint32_t factor) {
  for (uint32_t b = 0; b < FRAMES * SPLIT; b++) {
    const size_t from = (size_t)b * image->block;
    const bool is_newest = b >= (FRAMES - 1) * SPLIT; /* as it came */
    read_block(image, channel, PAST * SPLIT + b, held + from, is_newest ? held + from : points + factor * from,
               is_newest ? 1 : factor);
  }
}

void lac_clipper_image_leave(LacClipperImage *image, unsigned channel, const float *held, const float *points,
                             uint32_t factor) {
  const size_t kept = (PAST - 1) * SPLIT;
  memmove(image->energy[channel], image->energy[channel] + SPLIT, kept * sizeof(double));
  memmove(image->cross[channel], image->cross[channel] + SPLIT, kept * sizeof(double));
  for (uint32_t b = 0; b < SPLIT; b++) {
    const size_t from = (size_t)b * image->block;
    read_block(image, channel, (PAST - 1) * SPLIT + b, held + from, points + factor * from, factor);
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

void lac_clipper_image_lost_db(const LacClipperImage *image, double lost_db[2]) {
  double weight[BLOCKS + 1], shift[BLOCKS + 1];
  sum_blocks(image, weight, shift);
  lost_db[0] = lost_db[1] = 0;
  for (uint32_t b = NEWEST + 1 - image->window; b < NEWEST + SPLIT; b++) {
    /* What is not yet known is left out. */
    const uint32_t end = b + image->window < BLOCKS ? b + image->window : BLOCKS;
    const double heard = weight[end] - weight[b];
    const double moved_db = heard > 0 ? (shift[end] - shift[b]) / heard : 0;
    lost_db[0] = fmax(lost_db[0], -moved_db);
    lost_db[1] = fmax(lost_db[1], moved_db);
  }
}

double lac_clipper_image_allowed_db(double reduction_db) {
  return fmax(ALLOWED_DB - PER_DB * fmax(reduction_db - BUSY_DB, 0.0), LEAST_DB);
}
