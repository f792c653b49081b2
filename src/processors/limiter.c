/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* True-peak limiter (docs/processors/limiter.md): the tables, and which of the two forms works. The real-time form is a
 * stream, the offline form needs the whole programme first and finds the calmest gain that keeps the ceiling. */

#include "processors/limiter_offline.h"
#include "processors/limiter_params.h"
#include "processors/limiter_realtime.h"

static const char *const solvers[] = {"realtime", "offline", NULL};
static const char *const qualities[] = {"fast", "standard", "best", NULL};
static const char *const characters[] = {"transparent", "punchy", "dense", NULL};

static const LacParam params[] = {
    {.id = "drive_db",
     .title = "Drive",
     .unit = "dB",
     .type = LAC_PARAM_NUMBER,
     .minimum = 0,
     .maximum = LIMITER_MOST_DRIVE_DB,
     .neutral = 0,
     .step = 0.01,
     .help = "Raises the level into the limiter: the more, the louder and denser the master."},
    {.id = "ceiling_dbtp",
     .title = "Ceiling",
     .unit = "dBTP",
     .type = LAC_PARAM_NUMBER,
     .minimum = LIMITER_LEAST_CEILING_DBTP,
     .maximum = 0,
     .neutral = 0,
     .step = 0.01,
     .help = "The true peak that nothing exceeds, also between the samples."},
    {.id = "link_percent",
     .title = "Channel link",
     .unit = "%",
     .type = LAC_PARAM_NUMBER,
     .minimum = 0,
     .maximum = 100,
     .neutral = 100,
     .step = 1,
     .flags = LAC_PARAM_RESTARTS,
     .help = "At 100 both channels move together and the stereo image stands still; at 0 each is limited alone. "
             "The master command writes 50 with the offline solver."},
    {.id = "lookahead_ms",
     .title = "Lookahead",
     .unit = "ms",
     .type = LAC_PARAM_NUMBER,
     .minimum = 1.5,
     .maximum = 10,
     .neutral = LIMITER_NEUTRAL_LOOKAHEAD_MS,
     .step = 0.1,
     .scale = LAC_SCALE_LOG,
     .flags = LAC_PARAM_RESTARTS,
     .help = "How long before a peak the gain begins to fall: short keeps punch, long is smoother."},
    {.id = "release_ms",
     .title = "Release",
     .unit = "ms",
     .type = LAC_PARAM_NUMBER,
     .minimum = 0.5,
     .maximum = 500,
     .neutral = LIMITER_NEUTRAL_RELEASE_MS,
     .step = 0.1,
     .scale = LAC_SCALE_LOG,
     .help = "How fast the gain returns after a peak: short is louder and cleaner on dense music, long is calmer."},
    {.id = "steady_release_ms",
     .title = "Steady release",
     .unit = "ms",
     .type = LAC_PARAM_NUMBER,
     .minimum = 20,
     .maximum = 2000,
     .neutral = LIMITER_NEUTRAL_STEADY_RELEASE_MS,
     .step = 1,
     .scale = LAC_SCALE_LOG,
     .help = "How fast the gain returns on bass and steady low tones, where a short release would bend every cycle."},
    {.id = "solver",
     .title = "Solver",
     .unit = "",
     .type = LAC_PARAM_CHOICE,
     .minimum = 0,
     .maximum = 1,
     .neutral = LIMITER_SOLVER_REALTIME,
     .step = 1,
     .choices = solvers,
     .flags = LAC_PARAM_RESTARTS,
     .help =
         "Offline knows the whole song and finds the calmest gain that keeps the ceiling; realtime works in a plugin. "
         "Lookahead and releases belong to realtime. The master command writes offline unless asked for --quality "
         "fast."},
    {.id = "quality",
     .title = "Quality",
     .unit = "",
     .type = LAC_PARAM_CHOICE,
     .minimum = 0,
     .maximum = 2,
     .neutral = LIMITER_QUALITY_STANDARD,
     .step = 1,
     .choices = qualities,
     .flags = LAC_PARAM_RESTARTS,
     .help = "For the offline solver: fast takes the realtime form instead, best spends more time on the last tenths "
             "and holds the image closer, for the clipper ahead."},
    {.id = "character",
     .title = "Character",
     .unit = "",
     .type = LAC_PARAM_CHOICE,
     .minimum = 0,
     .maximum = 2,
     .neutral = LIMITER_CHARACTER_TRANSPARENT,
     .step = 1,
     .choices = characters,
     .flags = LAC_PARAM_RESTARTS,
     .help =
         "For the offline solver: transparent is the cleanest at any loudness, punchy moves slower around hits so that "
         "they keep their shape, dense lets go at once and fills every gap."},
};

static const LacReadout readouts[] = {
    {.id = "gain_reduction_db",
     .title = "Gain reduction",
     .unit = "dB",
     .help = "The gain the limiter applies, drive left out: 0 or below."},
};

/* p->state is what the form at work has. */
typedef union State {
  LacLimiterRealtime realtime;
  LacLimiterOffline offline;
} State;

static bool is_offline(const LacProcessor *p) {
  return p->values[LIMITER_SOLVER] == LIMITER_SOLVER_OFFLINE && p->values[LIMITER_QUALITY] != LIMITER_QUALITY_FAST;
}

static bool is_neutral(const LacProcessor *p) {
  return is_offline(p) && lac_limiter_offline_is_neutral(p);
}

static LacStatus prepare(LacProcessor *p) {
  return is_offline(p) ? lac_limiter_offline_prepare(p) : lac_limiter_realtime_prepare(p);
}

/* Of the offline form only parameters that restart count, and those do not change here. */
static void changed(LacProcessor *p, size_t param) {
  (void)param;
  if (!is_offline(p))
    lac_limiter_realtime_changed(p);
}

static void process(LacProcessor *p, float *const *channels, uint32_t n_frames) {
  if (is_offline(p))
    lac_limiter_offline_process(p, channels, n_frames);
  else
    lac_limiter_realtime_process(p, channels, n_frames);
}

static void reset(LacProcessor *p) {
  if (is_offline(p))
    lac_limiter_offline_reset(p);
  else
    lac_limiter_realtime_reset(p);
}

static void release(LacProcessor *p) {
  if (is_offline(p))
    lac_limiter_offline_release(p);
}

extern const LacProcessorClass lac_limiter_class;
const LacProcessorClass lac_limiter_class = {
    .info = {.id = "limiter",
             .title = "Limiter",
             .purpose = "Makes the master loud and keeps its true peak under the ceiling.",
             .revision = 1,
             .kinds = LAC_KIND_STREAM | LAC_KIND_WHOLE,
             .params = params,
             .n_params = sizeof params / sizeof params[0],
             .readouts = readouts,
             .n_readouts = sizeof readouts / sizeof readouts[0]},
    .state_size = sizeof(State),
    .prepare = prepare,
    .changed = changed,
    .process = process,
    .reset = reset,
    .is_neutral = is_neutral,
    .is_whole = is_offline,
    .observe = lac_limiter_offline_observe,
    .plan = lac_limiter_offline_plan,
    .release = release,
};
