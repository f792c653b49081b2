/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Render: run a recipe over a file. It decides nothing; the same recipe gives the same samples for every thread
 * count, block size, compiler and CPU.
 *
 * decode | resample, chain, quantise | encode + meters, in fixed blocks of 4096 frames on up to three threads. The
 * resampler stands before the first clipper or limiter (else last), dither is last. A whole processor makes the
 * chain run in passes: up to it, observe; plan; go on. The signal between is spooled, in memory to 96 MiB, then in
 * an unlinked temporary file. */

#ifndef LACQUER_RENDER_H
#define LACQUER_RENDER_H

#include <lacquer/analysis.h>
#include <lacquer/chain.h>
#include <lacquer/core.h>
#include <lacquer/media.h>

typedef struct LacJobControl {
  unsigned n_threads;      /* 0: all cores */
  const LacCancel *cancel; /* may be NULL */
  LacProgressFn progress;  /* may be NULL */
  void *progress_user;
} LacJobControl;

/* Readouts of one processor over the whole song. */
typedef struct LacReadoutResult {
  char entry[64]; /* entry id */
  char processor[32];
  char readout[32];
  char unit[16];
  double hop_s;
  float *minimum;
  float *mean;
  size_t count;
} LacReadoutResult;

typedef struct LacRenderResult {
  LacMediaInfo output; /* format written */
  uint64_t n_frames;
  uint64_t n_nonfinite; /* samples replaced by 0 */
  LacAnalysis analysis; /* of the written integers or floats, as asked by `measure` */
  LacReadoutResult *readouts;
  size_t n_readouts;
  size_t spool_bytes; /* largest spool */
  double seconds;
} LacRenderResult;
void lac_render_result_free(LacRenderResult *result);

/* The signal in front of the first limiter or clipper, as one of the calls below left it: a song whose loudness is
 * solved passes through what stands before the limiter once only, however often it is rendered. Opaque; one thread at
 * a time; holds memory as a spool does. */
typedef struct LacKeptSignal LacKeptSignal;
void lac_kept_signal_free(LacKeptSignal *kept); /* NULL is fine */

/* Renders `source` (rewound first) into a sink that is neither finished nor committed: call again with the next
 * recipe into a fresh sink, or commit. `measure` (LAC_MEASURE_*) is what is measured on the way; 0 nothing.
 * The sink's format must be lac_render_format's (LAC_ERR_USAGE otherwise). A source that ends before what its header
 * promised gives LAC_ERR_DAMAGED; lac_measure_source before makes its length exact. On failure `result` is empty.
 * `kept` may be NULL; *kept, NULL at first, is what an earlier call for this source (not closed since) left: where it
 * fits the recipe the render starts from it, else it is replaced. The samples do not depend on it. Caller frees it.
 * Notes: INPUT_NONFINITE, OUTPUT_CLIPPED, MONO_STEPS_ASIDE, and the source's own. */
LAC_NODISCARD LacStatus lac_render(LacSource *source, const LacRecipe *recipe, LacSink *sink, unsigned measure,
                                   const LacJobControl *control, LacKeptSignal **kept, LacRenderResult *result,
                                   LacNotes *notes, LacError *error);

/* What the recipe's output means for this source: rate, bits, frames (ceil(frames * ratio)). n_frames as exact as
 * the source's. LAC_ERR_USAGE for an impossible rate ratio. */
LacStatus lac_render_format(const LacMediaInfo *info, const LacRecipe *recipe, LacContainer container,
                            LacSinkFormat *format, LacError *error);

/* The most that making words of this format can add to a sample's magnitude, linear: rounding, dither, and the shape of
 * its noise. What a ceiling must be lowered by; 0 for float. */
double lac_render_word_guard(const LacRecipe *recipe, const LacSinkFormat *format);

/* Runs the recipe's entries up to the first limiter or clipper (all of them if there is none), resampled as for the
 * render, into an analyzer: what the loudness solver predicts from. Nothing is written. `kept` as in lac_render. */
LAC_NODISCARD LacStatus lac_render_observe(LacSource *source, const LacRecipe *recipe, unsigned measure,
                                           const LacJobControl *control, LacKeptSignal **kept, LacAnalysis *analysis,
                                           LacNotes *notes, LacError *error);

/* Decode and analyse, on two threads when allowed. `stage` is the progress word ("analyse" or "verify"). Sets
 * info->n_frames to what was really there. */
LAC_NODISCARD LacStatus lac_measure_source(LacSource *source, unsigned measure, const char *stage,
                                           const LacJobControl *control, LacAnalysis *analysis, LacNotes *notes,
                                           LacError *error);

#endif
