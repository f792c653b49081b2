/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How far clipping moves the stereo image: the level that each channel keeps, compared over every 50 ms of the frames
 * that the clipper holds and of some that have left. Per block of a third of a millisecond the gain of a channel is <x,
 * y> / <x, x> of what came (x) and what is left (y); blocks count by the sound that both channels have. */

#ifndef LAC_PROCESSORS_CLIPPER_IMAGE_H
#define LAC_PROCESSORS_CLIPPER_IMAGE_H

#include <stddef.h>
#include <stdint.h>

enum {
  LAC_CLIPPER_IMAGE_FRAMES = 6, /* compared at once, the newest as yet unchanged */
  LAC_CLIPPER_IMAGE_SPLIT = 32, /* blocks per frame: one crest can be all that is heard in a window */
  LAC_CLIPPER_IMAGE_PAST = 4,   /* frames that have left: a window may end where the newest clipped frame begins */
  LAC_CLIPPER_IMAGE_BLOCKS = (LAC_CLIPPER_IMAGE_PAST + LAC_CLIPPER_IMAGE_FRAMES) * LAC_CLIPPER_IMAGE_SPLIT
};

typedef struct LacClipperImage {
  uint32_t block;  /* samples */
  uint32_t window; /* blocks */
  double energy[2][LAC_CLIPPER_IMAGE_BLOCKS], cross[2][LAC_CLIPPER_IMAGE_BLOCKS];
} LacClipperImage;

/* hop: samples per frame, a multiple of 32. */
void lac_clipper_image_init(LacClipperImage *image, double rate_hz, uint32_t hop);
/* Forgets all that was read. */
void lac_clipper_image_reset(LacClipperImage *image);
/* held: six frames as they came. points: the first five of them as they are now, `factor` points per sample. */
void lac_clipper_image_read(LacClipperImage *image, unsigned channel, const float *held, const float *points,
                            uint32_t factor);
/* When the first of the six frames leaves, as it came and in its points; before the next read. */
void lac_clipper_image_leave(LacClipperImage *image, unsigned channel, const float *held, const float *points,
                             uint32_t factor);
/* Once both channels are read: by how many dB at most each channel has come down against the other over 50 ms that take
 * in the fourth of the six frames, the newest that is clipped. */
void lac_clipper_image_lost_db(const LacClipperImage *image, double lost_db[2]);
/* How far clipping may move it where the limiter reduces by reduction_db >= 0. */
double lac_clipper_image_allowed_db(double reduction_db);

#endif
