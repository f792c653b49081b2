/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Readouts: what a processor reports, reduced to minimum and mean per 10 ms. */

#include <math.h>

#include "processors/processor_class.h"

void lac_readout_begin(LacReadoutWriter *writer, const LacProcessor *p, size_t readout) {
  *writer = (LacReadoutWriter){0};
  writer->track = p->tracks ? &p->tracks[readout] : NULL;
  writer->skip_frames = p->latency_frames;
  writer->left_frames = p->setup.total_frames > 0 ? p->setup.total_frames : UINT64_MAX;
  writer->hop_frames = (uint32_t)rint(p->setup.rate_hz / 100.0);
  if (writer->track) {
    writer->track->count = 0;
  }
}

/* Steps of a sum in one unit; 2^20 units at most, and fewer than 2^12 frames to an entry, stay below 2^63. */
#define STEPS 0x1p28
#define MOST_UNITS 0x1p20

static int64_t steps_of(float value) {
  const double below = (double)value < MOST_UNITS ? (double)value : MOST_UNITS;
  return (int64_t)(STEPS * (below > -MOST_UNITS ? below : -MOST_UNITS));
}

static void write_entry(LacReadoutWriter *writer) {
  LacReadoutTrack *track = writer->track;
  if (track->count < track->capacity) {
    track->minimum[track->count] = writer->minimum;
    track->mean[track->count] = (float)((double)writer->sum / (STEPS * writer->filled));
    track->count++;
  }
  writer->filled = 0;
  writer->sum = 0;
}

/* Frames of the next stretch that belong to one entry; 0 when there is nothing more to write. */
static uint32_t take_stretch(LacReadoutWriter *writer, uint32_t n_frames) {
  uint32_t stretch = writer->hop_frames - writer->filled;
  stretch = n_frames < stretch ? n_frames : stretch;
  return writer->left_frames < stretch ? (uint32_t)writer->left_frames : stretch;
}

static void end_stretch(LacReadoutWriter *writer, float lowest, uint32_t stretch) {
  writer->minimum = writer->filled == 0 || lowest < writer->minimum ? lowest : writer->minimum;
  writer->filled += stretch;
  if (writer->left_frames != UINT64_MAX) {
    writer->left_frames -= stretch;
  }
  if (writer->filled == writer->hop_frames || writer->left_frames == 0) {
    write_entry(writer);
  }
}

static uint32_t skip(LacReadoutWriter *writer, uint32_t n_frames) {
  uint32_t skipped = writer->skip_frames < n_frames ? (uint32_t)writer->skip_frames : n_frames;
  writer->skip_frames -= skipped;
  return skipped;
}

void lac_readout_push(LacReadoutWriter *writer, const float *values, uint32_t n_frames) {
  if (!writer->track) {
    return;
  }
  uint32_t i = skip(writer, n_frames);
  while (i < n_frames) {
    uint32_t stretch = take_stretch(writer, n_frames - i);
    if (stretch == 0) {
      return;
    }
    float lowest = values[i];
    for (uint32_t k = 0; k < stretch; k++) {
      lowest = values[i + k] < lowest ? values[i + k] : lowest;
      writer->sum += steps_of(values[i + k]);
    }
    end_stretch(writer, lowest, stretch);
    i += stretch;
  }
}

void lac_readout_push_constant(LacReadoutWriter *writer, float value, uint32_t n_frames) {
  if (!writer->track) {
    return;
  }
  uint32_t i = skip(writer, n_frames);
  while (i < n_frames) {
    uint32_t stretch = take_stretch(writer, n_frames - i);
    if (stretch == 0) {
      return;
    }
    writer->sum += steps_of(value) * (int64_t)stretch;
    end_stretch(writer, value, stretch);
    i += stretch;
  }
}
