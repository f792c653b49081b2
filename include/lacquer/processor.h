/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Processors: everything that changes audio, behind one class.
 *
 * Life of a processor, the same for all of them:
 *   lac_processor_new -> lac_processor_set ... -> lac_processor_prepare
 *     -> [whole only: lac_processor_observe ... -> lac_processor_plan]
 *     -> lac_processor_process ... -> lac_processor_reset or lac_processor_free
 *
 * Audio is planar float, one or two channels, in place. n frames go in, n frames come out; a stream
 * processor delays by lac_processor_latency_frames(), which the caller trims. Work happens in quanta of
 * LAC_QUANTUM_FRAMES of the absolute frame index and parameter changes land on quantum borders, so the
 * block size never changes a bit of the output. An object is used by one thread at a time; `process`
 * allocates nothing, locks nothing and does no I/O. */

#ifndef LACQUER_PROCESSOR_H
#define LACQUER_PROCESSOR_H

#include <lacquer/core.h>

enum { LAC_QUANTUM_FRAMES = 32, LAC_MAX_CHANNELS = 2, LAC_MAX_CURVE_POINTS = 4096 };
#define LAC_MAX_CURVE_X 1e6 /* |x| of a curve's point, in its x_unit: eleven days, or a megahertz */
#define LAC_MIN_RATE_HZ 8000u
#define LAC_MAX_RATE_HZ 384000u

typedef enum LacParamType {
  LAC_PARAM_NUMBER, /* a double */
  LAC_PARAM_CHOICE, /* an index into `choices`, spelled by name in recipes */
  LAC_PARAM_SWITCH, /* 0 or 1, spelled false / true in recipes */
  LAC_PARAM_CURVE,  /* points (x, y), x strictly rising, |x| <= LAC_MAX_CURVE_X, monotone cubic, linear in log x when
                       x_unit is Hz */
  LAC_PARAM_LIST    /* times or frequencies, rising */
} LacParamType;

typedef enum LacParamScale { LAC_SCALE_LINEAR, LAC_SCALE_LOG } LacParamScale;

enum {
  LAC_PARAM_RESTARTS = 1 << 0,   /* changes latency or memory: only before prepare */
  LAC_PARAM_SONG_BOUND = 1 << 1, /* means nothing on another song */
  LAC_PARAM_COUNTS = 1 << 2      /* a NUMBER that counts something: whole ones only */
};

/* One row of a processor's table. Ids never change, ranges never shrink. */
typedef struct LacParam {
  const char *id;
  const char *title;
  const char *unit; /* "dB", "Hz", "ms", "%", ... or "" */
  LacParamType type;
  double minimum;
  double maximum;
  double neutral; /* the default; a processor with only defaults is bit-exact */
  double step;    /* what a decision is rounded to; also the fine step of a control */
  LacParamScale scale;
  const char *const *choices; /* NULL-terminated; CHOICE only */
  const char *x_unit;         /* CURVE only */
  unsigned flags;
  const char *help; /* one sentence for a musician */
} LacParam;

/* A value the processor reports while it works, e.g. gain reduction. */
typedef struct LacReadout {
  const char *id;
  const char *title;
  const char *unit;
  const char *help;
} LacReadout;

enum { LAC_KIND_STREAM = 1 << 0, LAC_KIND_WHOLE = 1 << 1 };

typedef struct LacProcessorClass LacProcessorClass;
typedef struct LacProcessor LacProcessor;

/* What a person may know of a class without running it. */
typedef struct LacProcessorInfo {
  const char *id;
  const char *title;
  const char *purpose; /* one sentence */
  unsigned revision;   /* grows when the sound changes */
  unsigned kinds;      /* LAC_KIND_*; both when a parameter chooses */
  const LacParam *params;
  size_t n_params;
  const LacReadout *readouts;
  size_t n_readouts;
} LacProcessorInfo;

/* The registry, in default chain order. NULL when there is no such class. */
size_t lac_processor_class_count(void);
const LacProcessorClass *lac_processor_class_at(size_t index);
const LacProcessorClass *lac_processor_class_find(const char *id);
const LacProcessorInfo *lac_processor_class_info(const LacProcessorClass *cls);
/* Index of a parameter or readout by id, or SIZE_MAX. */
size_t lac_param_find(const LacProcessorInfo *info, const char *param_id);
size_t lac_readout_find(const LacProcessorInfo *info, const char *readout_id);

/* Minimum and mean of one readout per 10 ms of output time with the latency removed (entry k covers input
 * frames [k*hop, (k+1)*hop), hop = round(rate/100)). Memory is the caller's; writing stops at capacity. */
typedef struct LacReadoutTrack {
  float *minimum;
  float *mean;
  size_t capacity;
  size_t count;
} LacReadoutTrack;

typedef struct LacProcessorSetup {
  double rate_hz;            /* 8000..384000 */
  unsigned n_channels;       /* 1 or 2 */
  uint32_t max_block_frames; /* largest n_frames of process and observe, >= 1 */
  uint64_t total_frames;     /* length of the programme, 0 when unknown (a plugin) */
  LacReadoutTrack *readouts; /* n_readouts tracks, or NULL */
  uint32_t late_frames;      /* frames before the programme begins: the delay of processors before this one, whose
                                trimming is still to come; total_frames counts them */
  uint32_t n_threads;        /* whole only: worker threads that observe and plan may use; 0 or 1: the caller's alone.
                                Never changes a bit of the output */
  const LacCancel *cancel;   /* whole only: ends a long observe, and plan as plan's own does; NULL: never. Outlives
                                what was prepared */
} LacProcessorSetup;

typedef struct LacCurvePoint {
  double x;
  double y;
} LacCurvePoint;

/* A processor with default values, not prepared. */
LAC_NODISCARD LacStatus lac_processor_new(const LacProcessorClass *cls, LacProcessor **out);
/* Set a number, choice (index) or switch (0/1). Before prepare: at once; LAC_ERR_RANGE when outside the table
 * or not finite. After prepare: lands on the first quantum border at or after absolute frame `at_frame`
 * (real-time safe; LAC_ERR_LIMIT when the queue of 64 pending changes is full, LAC_ERR_USAGE for a parameter
 * that restarts, and for every parameter of a whole processor). Of several values of a parameter for one border the
 * last counts. Changes glide without clicks. */
LacStatus lac_processor_set(LacProcessor *p, size_t param, double value, uint64_t at_frame);
double lac_processor_get(const LacProcessor *p, size_t param);
/* Curves and lists, only before prepare; the points are copied. For a LIST, y is ignored. */
LacStatus lac_processor_set_points(LacProcessor *p, size_t param, const LacCurvePoint *points, size_t n_points);
/* Allocates everything. May be called again with another setup; state starts silent, at frame 0. */
LAC_NODISCARD LacStatus lac_processor_prepare(LacProcessor *p, const LacProcessorSetup *setup);
/* After prepare. */
uint32_t lac_processor_latency_frames(const LacProcessor *p);
uint64_t lac_processor_tail_frames(const LacProcessor *p);
/* True when its present parameters make it need the whole input first. */
bool lac_processor_is_whole(const LacProcessor *p);
/* True when its present parameters make it return its input bit for bit, as late as it declares; the chain then skips
 * it, delay and all. Of a whole processor also when plan has found nothing to do. */
bool lac_processor_is_neutral(const LacProcessor *p);
/* Whole only: its own input, in order, any block sizes up to max_block_frames; then plan once. CANCELLED: prepare again
 * or free. */
LAC_NODISCARD LacStatus lac_processor_observe(LacProcessor *p, const float *const *channels, uint32_t n_frames);
LAC_NODISCARD LacStatus lac_processor_plan(LacProcessor *p, const LacCancel *cancel);
/* In place, 0..max_block_frames. Input must be finite (the chain sees to that). Not prepared, or whole and not planned:
 * returns without touching anything. */
void lac_processor_process(LacProcessor *p, float *const *channels, uint32_t n_frames);
/* Silence the state and return to frame 0; parameters (also those still queued, at once), and what plan found, stay. */
void lac_processor_reset(LacProcessor *p);
void lac_processor_free(LacProcessor *p);

#endif
