/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The inside of the dynamic equaliser: dynamic_eq.c keeps values and life, dynamic_eq_frames.c does the sound. */

#ifndef LAC_PROCESSORS_DYNAMIC_EQ_H
#define LAC_PROCESSORS_DYNAMIC_EQ_H

#include "dsp/dynamic_ear.h"
#include "dsp/dynamic_filter_kernels.h"
#include "dsp/gain_computer_kernels.h"
#include "dsp/svf_kernels.h"
#include "processors/glide.h"
#include "processors/processor_class.h"

enum { DYNAMIC_EQ_BANDS = 6, DYNAMIC_EQ_STRETCH = 32 * LAC_QUANTUM_FRAMES };

/* Largest |range_db|. What acts below its threshold runs through the ballistics as this minus its amount, which rises
 * with the level: attack is always how a louder sound is followed. */
#define DYNAMIC_EQ_MOST_DB 24.0

typedef enum DynamicEqType {
  DYNAMIC_EQ_OFF,
  DYNAMIC_EQ_BELL,
  DYNAMIC_EQ_LOW_SHELF,
  DYNAMIC_EQ_HIGH_SHELF,
  DYNAMIC_EQ_TYPES
} DynamicEqType;

typedef enum DynamicEqChannel { DYNAMIC_EQ_STEREO, DYNAMIC_EQ_MID, DYNAMIC_EQ_SIDE } DynamicEqChannel;

/* What cannot glide: a change of it fades the band out and in again. */
typedef struct DynamicEqKind {
  DynamicEqType type;
  bool is_below, is_relative;
  DynamicEqChannel channel;
} DynamicEqKind;

enum {
  GLIDE_LOG_HZ,
  GLIDE_LOG_Q,
  GLIDE_THRESHOLD,
  GLIDE_SLOPE,
  GLIDE_KNEE,
  GLIDE_RANGE,
  GLIDE_SIGN,
  GLIDE_WET,
  GLIDE_LOG_ATTACK, /* a gain that a long attack holds back is not let go at once */
  GLIDE_LOG_RELEASE,
  GLIDES
};

typedef struct DynamicEqBand {
  DynamicEqKind kind; /* in effect */
  bool is_running;
  bool is_dirty; /* a value has changed */
  bool is_moving;
  LacGlide glides[GLIDES];
  LacGainCurve now, next;       /* at the last quantum border and at the next one */
  double now_share, next_share; /* of the amount in the gain: sign times wet */
  LacDynamicFilter filter;
  LacDynamicEar ear;
  LacMeanSquare everything;
  float past[2]; /* roots of the gain at the last two control points */
  float shown_db;
} DynamicEqBand;

/* Signals of a stretch: frames, and from `powers` on values at control points (LacSteps), at most one for every frame.
 * Roots begin with those of the last two points before. */
enum { DYNAMIC_EQ_PAST = 2, DYNAMIC_EQ_POINTS = DYNAMIC_EQ_PAST + DYNAMIC_EQ_STRETCH };
enum { DYNAMIC_EQ_KEYS = 2 };

typedef struct DynamicEqWork {
  /* The input after its last two frames, left and right, mid and side; the first of them becomes the output. */
  _Alignas(64) double keys[DYNAMIC_EQ_KEYS][2 * DYNAMIC_EQ_POINTS];
  _Alignas(64) double powers[2][DYNAMIC_EQ_STRETCH]; /* of everything */
  _Alignas(64) double heard[DYNAMIC_EQ_BANDS][DYNAMIC_EQ_STRETCH], broad[DYNAMIC_EQ_BANDS][DYNAMIC_EQ_STRETCH];
  _Alignas(64) float level_db[DYNAMIC_EQ_STRETCH], other[DYNAMIC_EQ_STRETCH], shares[DYNAMIC_EQ_STRETCH];
  _Alignas(64) float amounts[DYNAMIC_EQ_BANDS][DYNAMIC_EQ_STRETCH];
  _Alignas(64) float roots[DYNAMIC_EQ_BANDS][DYNAMIC_EQ_POINTS], ones[DYNAMIC_EQ_POINTS];
} DynamicEqWork;

typedef struct DynamicEq {
  DynamicEqBand bands[DYNAMIC_EQ_BANDS];
  /* Of the bands that run, in their order: those over left and right, then those over mid or side. */
  unsigned running[DYNAMIC_EQ_BANDS], n_running, n_direct;
  LacMeanSquare heard[DYNAMIC_EQ_BANDS], broad[DYNAMIC_EQ_BANDS]; /* by place in `running` */
  LacBallistics ballistics[DYNAMIC_EQ_BANDS];
  uint32_t step_frames; /* from control point to control point */
  double past[4];       /* the last two frames of the input */
  bool is_settled;
  double glide_factor;
  LacReadoutWriter readouts[DYNAMIC_EQ_BANDS];
  DynamicEqWork *work;
  const LacSvfKernels *svf;
  const LacGainComputerKernels *dynamics;
  const LacDynamicFilterKernels *filters;
  const LacDynamicEarKernels *ears;
} DynamicEq;

/* n frames of one stretch, or of one quantum unless settled; the stretch or quantum began `place` frames before. */
void lac_dynamic_eq_run(LacProcessor *p, float *const *channels, uint32_t n_frames, uint32_t place);

#endif
