/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A long FIR filter over one channel by partitioned overlap-save convolution, in up to three block sizes as W. G.
 * Gardner, "Efficient convolution without input-output delay", J. AES 43 (1995), 127, with the filter's spectra
 * multiplied in a frequency-domain delay line (F. Wefers, "Partitioned convolution algorithms for real-time
 * auralization", 2015):
 *
 *   tap    0       small              middle             large                       n_taps
 *   zero   | direct |  small blocks    |  middle blocks   |  large blocks ...         |   latency 0
 *   else   |  small blocks    |  middle blocks   |  large blocks ...                  |   latency = small
 *
 * Middle blocks stand in where large ones are at least 16 times as long as small ones.
 *
 * What a part adds to the frames of its block depends only on blocks before it, so all the work but the direct taps
 * happens at borders of the absolute frame index and the output does not depend on how a stretch is cut.
 *
 * A new filter is loaded beside the old one; at the next border of a large block both run and the output passes from
 * one to the other over that block along a raised cosine. */

#ifndef LAC_DSP_CONVOLVER_H
#define LAC_DSP_CONVOLVER_H

#include <lacquer/core.h>

#include "core/arena.h"
#include "dsp/convolver_kernels.h"

/* Read-only after creation; shared by the convolvers of a processor and by threads. */
typedef struct LacConvolverPlan LacConvolverPlan;

/* small and large: powers of two, 16 <= small < large <= 65536; n_taps >= 1. is_immediate: no latency. */
LAC_NODISCARD LacStatus lac_convolver_plan_new(uint32_t small, uint32_t large, uint32_t n_taps, bool is_immediate,
                                               LacConvolverPlan **out);
void lac_convolver_plan_free(LacConvolverPlan *plan);
uint32_t lac_convolver_latency_frames(const LacConvolverPlan *plan);

enum { LAC_CONVOLVER_PARTS = 3 };

typedef struct LacConvolverFilter {
  float *direct;                       /* reversed; NULL when there are no direct taps */
  float *spectra[LAC_CONVOLVER_PARTS]; /* [bins / LAC_TRANSFORM_GROUP][partition][re, im][LAC_TRANSFORM_GROUP] */
} LacConvolverFilter;

typedef enum LacConvolverChange {
  LAC_CONVOLVER_STEADY,
  LAC_CONVOLVER_WAITING, /* for the next border of a large block */
  LAC_CONVOLVER_FADING
} LacConvolverChange;

typedef struct LacConvolver {
  const LacConvolverPlan *plan;
  LacConvolverFilter filters[2];
  unsigned current; /* which of the two is heard; the other one is being loaded, or comes */
  LacConvolverChange change;
  float *history;                   /* the large block before this one and this one */
  uint32_t fill;                    /* frames of this large block so far, 0 .. large */
  float *past[LAC_CONVOLVER_PARTS]; /* spectra of past blocks, as those of filters */
  uint32_t newest[LAC_CONVOLVER_PARTS];
  float *ready[2][LAC_CONVOLVER_PARTS]; /* what each part adds to the block that runs now, per filter */
  float *work;                          /* of the transforms */
} LacConvolver;

/* All filters are silence until one is loaded and taken. */
LAC_NODISCARD LacStatus lac_convolver_init(LacConvolver *c, LacArena *arena, const LacConvolverPlan *plan);
/* The next filter, n_taps values. Only while `change` is STEADY. About half the cost of a large block's transform per
 * large block of taps. */
void lac_convolver_load(LacConvolver *c, const float *taps);
/* Take what was loaded: at once, with a silent past (a start), or by fading at the next border of a large block. */
void lac_convolver_restart(LacConvolver *c);
void lac_convolver_fade(LacConvolver *c);
/* In place, any n. Input beyond +-1e30 is held there, so that finite input has finite output. */
void lac_convolver_process(LacConvolver *c, float *x, uint32_t n_frames);

#endif
