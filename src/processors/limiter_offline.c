/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "processors/limiter_offline.h"

/* True-peak limiter, offline form (docs/processors/limiter.md). Everything is worked out while the programme is
 * observed (limit_plan.h); process multiplies by drive and the gain that was found. Drive and ceiling stay as they were
 * at prepare, and what is processed must be what was observed. */

#include "dsp/elementary.h"
#include "processors/limiter_params.h"

enum { RUN = 512 };

LacStatus lac_limiter_offline_prepare(LacProcessor *p) {
  LacLimiterOffline *self = p->state;
  const bool is_best = p->values[LIMITER_QUALITY] == LIMITER_QUALITY_BEST;
  const LacLimitRules rules = {.rate_hz = p->setup.rate_hz,
                               .n_channels = p->setup.n_channels,
                               .ceiling_gain = lac_gain_from_db(p->values[LIMITER_CEILING_DBTP]),
                               .link = p->values[LIMITER_LINK_PERCENT] * 0.01,
                               .weights = lac_limit_weights((unsigned)p->values[LIMITER_CHARACTER], is_best),
                               .most_rounds = is_best ? 12 : 6};
  self->drive_gain = (float)lac_gain_from_db(p->values[LIMITER_DRIVE_DB]);
  self->n_paths = lac_limit_paths(&rules);
  const LacStatus status = lac_limit_plan_new(&rules, p->setup.n_threads, p->setup.cancel, &self->plan);
  if (status == LAC_OK)
    lac_limiter_offline_reset(p);
  return status;
}

void lac_limiter_offline_release(LacProcessor *p) {
  LacLimiterOffline *self = p->state;
  lac_limit_plan_free(self->plan);
}

void lac_limiter_offline_reset(LacProcessor *p) {
  LacLimiterOffline *self = p->state;
  self->at_frame = 0;
  lac_readout_begin(&self->readout, p, LIMITER_GAIN_REDUCTION_DB);
}

static void drive(const LacLimiterOffline *self, const float *in, float *out, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    const float v = in[i] * self->drive_gain;
    const float below = v < LIMITER_LOUDEST ? v : LIMITER_LOUDEST;
    out[i] = below > -LIMITER_LOUDEST ? below : -LIMITER_LOUDEST;
  }
}

LacStatus lac_limiter_offline_observe(LacProcessor *p, const float *const *channels, uint32_t n_frames) {
  LacLimiterOffline *self = p->state;
  float driven[LAC_MAX_CHANNELS][RUN];
  const float *run[LAC_MAX_CHANNELS] = {driven[0], driven[1]};
  LacStatus status = LAC_OK;
  for (uint32_t done = 0, n; done < n_frames && status == LAC_OK; done += n) {
    n = n_frames - done < RUN ? n_frames - done : RUN;
    for (unsigned c = 0; c < p->setup.n_channels; c++)
      drive(self, channels[c] + done, driven[c], n);
    status = lac_limit_plan_add(self->plan, run, n);
  }
  return status;
}

LacStatus lac_limiter_offline_plan(LacProcessor *p, const LacCancel *cancel) {
  LacLimiterOffline *self = p->state;
  return lac_limit_plan_finish(self->plan, cancel);
}

bool lac_limiter_offline_is_neutral(const LacProcessor *p) {
  const LacLimiterOffline *self = p->state;
  return p->is_planned && self->drive_gain == 1.0f && lac_limit_plan_is_idle(self->plan);
}

/* Gain reduction of one run: the lower of the two gains. */
static void report(LacLimiterOffline *self, float gain[][RUN], const bool *is_moved, uint32_t n) {
  if (!self->readout.track)
    return;
  if (!is_moved[0] && !is_moved[1]) {
    lac_readout_push_constant(&self->readout, 0.0f, n);
    return;
  }
  for (uint32_t i = 0; i < n; i++) {
    const float left = is_moved[0] ? gain[0][i] : 1.0f, right = is_moved[1] ? gain[1][i] : 1.0f;
    const float lower = left < right ? left : right;
    gain[0][i] = lower < 1.0f ? lac_fast_db_from_gainf(lower) : 0.0f;
  }
  lac_readout_push(&self->readout, gain[0], n);
}

void lac_limiter_offline_process(LacProcessor *p, float *const *channels, uint32_t n_frames) {
  LacLimiterOffline *self = p->state;
  float gain[LAC_MAX_CHANNELS][RUN];
  for (uint32_t done = 0, n; done < n_frames; done += n) {
    bool is_moved[LAC_MAX_CHANNELS] = {false, false};
    n = n_frames - done < RUN ? n_frames - done : RUN;
    for (unsigned k = 0; k < self->n_paths; k++)
      is_moved[k] = lac_limit_plan_gains(self->plan, k, self->at_frame, n, gain[k]);
    for (unsigned c = 0; c < p->setup.n_channels; c++) {
      const unsigned k = self->n_paths > 1 ? c : 0;
      float *x = channels[c] + done;
      drive(self, x, x, n);
      for (uint32_t i = 0; i < n && is_moved[k]; i++)
        x[i] *= gain[k][i];
    }
    self->at_frame += n;
    report(self, gain, is_moved, n);
  }
}
