/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How far clipping moves the stereo image: the level that each channel keeps, compared over every 50 ms of the frames
 * that the clipper holds. Per block of 1 to 2 ms the gain of a channel is <x, y> / <x, x> of what came (x) and what is
 * left (y); blocks count by the sound that both channels have. */

#ifndef LAC_PROCESSORS_CLIPPER_IMAGE_H
#define LAC_PROCESSORS_CLIPPER_IMAGE_H

#include <stddef.h>
#include <stdint.h>

enum {
  LAC_CLIPPER_IMAGE_FRAMES = 6, /* compared at once, the newest as yet unchanged */
  LAC_CLIPPER_IMAGE_SPLIT = 8,  /* blocks per frame */
  LAC_CLIPPER_IMAGE_BLOCKS = LAC_CLIPPER_IMAGE_FRAMES * LAC_CLIPPER_IMAGE_SPLIT
};

typedef struct LacClipperImage {
  uint32_t block;  /* samples */
  uint32_t window; /* blocks */
  double energy[2][LAC_CLIPPER_IMAGE_BLOCKS], cross[2][LAC_CLIPPER_IMAGE_BLOCKS];
} LacClipperImage;

/* hop: samples per frame, a multiple of 8. */
void lac_clipper_image_init(LacClipperImage *image, double rate_hz, uint32_t hop);
/* held: six frames as they came. points: the first five of them as they are now, `factor` points per sample. */
void lac_clipper_image_read(LacClipperImage *image, unsigned channel, const float *held, const float *points,
                            uint32_t factor);
/* Once both channels are read: the largest change of level between them over 50 ms, in dB, below 0 when channel 0 lost
 * more. */
double lac_clipper_image_shift_db(const LacClipperImage *image);
/* How far clipping may move it where the limiter reduces by reduction_db >= 0. */
double lac_clipper_image_allowed_db(double reduction_db);

#endif
