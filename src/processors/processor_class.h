/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The inside of a processor: what one file of this folder implements. `processor.c` does everything that is
 * the same for all (values, range checks, quantum borders, the change queue); a class does its sound. */

#ifndef LAC_PROCESSOR_CLASS_H
#define LAC_PROCESSOR_CLASS_H

#include <lacquer/processor.h>

#include "core/arena.h"

/* Every function takes the processor; `state` is the class's own struct, zeroed, allocated from the arena. */
struct LacProcessorClass {
  LacProcessorInfo info;
  size_t state_size; /* bytes of the class's state struct */
  /* Take memory from p->arena, derive everything from p->values; set p->latency_frames, p->tail_frames. */
  LacStatus (*prepare)(LacProcessor *p);
  /* A value of p->values has changed at a quantum border; glide toward it. NULL: every parameter restarts. */
  void (*changed)(LacProcessor *p, size_t param);
  /* In place. Called with any n; no parameter changes inside. Must not depend on how a stretch is cut. */
  void (*process)(LacProcessor *p, float *const *channels, uint32_t n_frames);
  void (*reset)(LacProcessor *p);
  bool (*is_neutral)(const LacProcessor *p); /* NULL: never */
  bool (*is_whole)(const LacProcessor *p);   /* NULL: by info.kinds */
  LacStatus (*observe)(LacProcessor *p, const float *const *channels, uint32_t n_frames);
  LacStatus (*plan)(LacProcessor *p, const LacCancel *cancel);
  /* Gives back what prepare took outside the arena, also when it failed half way. NULL: nothing. */
  void (*release)(LacProcessor *p);
};

/* A row of a parameter table: a number, with its scale and its help. */
#define LAC_NUMBER_ROW(row_id, row_title, row_unit, low, high, at, fine, row_scale, sentence)                          \
  {                                                                                                                    \
    .id = row_id, .title = row_title, .unit = row_unit, .type = LAC_PARAM_NUMBER, .minimum = low, .maximum = high,     \
    .neutral = at, .step = fine, .scale = row_scale, .help = sentence                                                  \
  }

/* A CURVE over frequencies: x is above 0 and read on a log scale. */
bool lac_param_has_log_x(const LacParam *param);
/* NUMBER, CHOICE, SWITCH, whose tables go from 0 to the last word or 1: LAC_OK, LAC_ERR_RANGE (also for NAN),
 * LAC_ERR_USAGE for a CURVE or LIST. */
LacStatus lac_param_check_value(const LacParam *param, double value);
/* CURVE, LIST: x strictly rising and within LAC_MAX_CURVE_X, y (curve) or x (list) inside the table, else
 * LAC_ERR_RANGE; LAC_ERR_LIMIT for more than LAC_MAX_CURVE_POINTS, LAC_ERR_USAGE for what has no points. */
LacStatus lac_param_check_points(const LacParam *param, const LacCurvePoint *points, size_t n_points);

typedef struct LacPointList {
  LacCurvePoint *points;
  size_t count;
} LacPointList;

typedef struct LacPendingChange {
  uint64_t at_frame;
  size_t param;
  double value;
} LacPendingChange;

enum { LAC_MAX_PENDING_CHANGES = 64 };

struct LacProcessor {
  const LacProcessorClass *cls;
  LacProcessorSetup setup;
  LacReadoutTrack *tracks; /* = setup.readouts */
  double *values;          /* one per parameter: what is wanted now */
  LacPointList *lists;     /* one per parameter, empty unless CURVE or LIST */
  LacArena *arena;         /* everything prepare allocated */
  void *state;
  uint64_t frame; /* absolute index of the next input frame */
  uint32_t latency_frames;
  uint64_t tail_frames;
  bool is_prepared;
  bool is_planned;                                   /* whole only: plan has succeeded since prepare */
  LacPendingChange pending[LAC_MAX_PENDING_CHANGES]; /* sorted by at_frame, stable */
  size_t n_pending;
};

/* Accumulates one readout into its track. Push one value per output frame, in output order; the first
 * p->latency_frames values after begin are dropped and so is everything beyond setup.total_frames, where a last
 * entry that covers less than a whole hop is written. */
typedef struct LacReadoutWriter {
  LacReadoutTrack *track; /* NULL: writes nothing */
  uint64_t skip_frames;
  uint64_t left_frames; /* of the programme; UINT64_MAX when its length is unknown */
  uint32_t hop_frames;
  uint32_t filled;
  float minimum;
  int64_t sum; /* in steps of 2^-28, so that it is exact: the same in any order and for any cut */
} LacReadoutWriter;

/* Call from prepare and reset, after p->latency_frames is known; empties the track. */
void lac_readout_begin(LacReadoutWriter *writer, const LacProcessor *p, size_t readout);
void lac_readout_push(LacReadoutWriter *writer, const float *values, uint32_t n_frames);
/* The same value for n frames: cheap when nothing happens. */
void lac_readout_push_constant(LacReadoutWriter *writer, float value, uint32_t n_frames);

#endif
