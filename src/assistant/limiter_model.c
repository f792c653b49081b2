/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "assistant/limiter_model.h"

#include <math.h>
#include <string.h>

#include "assistant/gated_loudness.h"
#include "assistant/offline_gain.h"
#include "assistant/realtime_gain.h"
#include "core/memory.h"
#include "dsp/elementary.h"

enum {
  HOPS_PER_STRETCH = 100, /* 1-ms hops to the 100-ms stretches that loudness blocks are made of */
  HOPS_PER_ENTRY = 10,    /* to the 10-ms entries of a readout */
  SPAN_HOPS = 300 * HOPS_PER_STRETCH,
  STEPS_PER_DB = 20,
  HISTOGRAM = 64 * STEPS_PER_DB
};

typedef struct Histogram {
  size_t counts[HISTOGRAM];
  size_t total;
} Histogram;

struct LacLimiterModel {
  const LacControlTrack *control;
  double shift_lu; /* measured - modelled, without limiting */
  float largest_peak;
  LacOfflineGain *offline; /* one of the two */
  LacRealtimeGain *realtime;
  float *power, *reduction_db; /* of a span */
  double *energies;            /* count / 100 */
  size_t n_stretches;
};

static void add_reduction(Histogram *histogram, double reduction_db) {
  size_t step = reduction_db > 0.0 ? (size_t)(reduction_db * STEPS_PER_DB) : 0;
  if (reduction_db < LAC_LIMITED_FROM_DB)
    return;
  histogram->counts[step < HISTOGRAM ? step : HISTOGRAM - 1]++;
  histogram->total++;
}

/* Nearest rank: the least value that 95 % do not exceed. */
static double percentile_95(const Histogram *histogram) {
  size_t rank = histogram->total - histogram->total / 20;
  size_t seen = 0;
  for (size_t step = 0; histogram->total > 0 && step < HISTOGRAM; step++) {
    seen += histogram->counts[step];
    if (seen >= rank)
      return ((double)step + 0.5) / STEPS_PER_DB;
  }
  return 0.0;
}

double lac_limiting_p95_db(const float *gain_db, size_t count) {
  Histogram histogram = {0};
  for (size_t i = 0; i < count; i++)
    add_reduction(&histogram, -(double)gain_db[i]);
  return percentile_95(&histogram);
}

static double modelled_lufs(const LacLimiterModel *model) {
  return lac_gated_lufs(model->energies, model->n_stretches, (double)HOPS_PER_STRETCH * model->control->hop_frames);
}

/* Energies of the 100-ms stretches among hops begin .. end - 1; an incomplete last one is left out as the meter does.
 * left NULL: as they are. */
static void sum_energies(LacLimiterModel *model, double power, const float *left, size_t begin, size_t end) {
  const float *energy = model->control->k_energy;
  for (size_t s = begin / HOPS_PER_STRETCH; s < end / HOPS_PER_STRETCH; s++) {
    double sum = 0.0;
    for (size_t k = s * HOPS_PER_STRETCH; k < (s + 1) * HOPS_PER_STRETCH; k++)
      sum += (double)(left ? energy[k] * left[k - begin] : energy[k]);
    model->energies[s] = sum * power;
  }
}

static LacStatus allocate(LacLimiterModel *model, const LacLimiterForm *form) {
  const LacControlTrack *control = model->control;
  model->power = lac_alloc(SPAN_HOPS, sizeof *model->power);
  model->reduction_db = lac_alloc(SPAN_HOPS, sizeof *model->reduction_db);
  model->energies = lac_calloc(model->n_stretches + 1, sizeof *model->energies);
  if (!model->power || !model->reduction_db || !model->energies)
    return LAC_ERR_MEMORY;
  return form->is_offline ? lac_offline_gain_new(control, &form->weights, form->link, SPAN_HOPS, &model->offline)
                          : lac_realtime_gain_new(control, form->lookahead_ms, form->release_ms, &model->realtime);
}

LacStatus lac_limiter_model_new(const LacControlTrack *control, double measured_lufs, const LacLimiterForm *form,
                                LacLimiterModel **out) {
  LacLimiterModel *model = lac_calloc(1, sizeof *model);
  *out = NULL;
  if (!model)
    return LAC_ERR_MEMORY;
  model->control = control;
  model->n_stretches = control->count / HOPS_PER_STRETCH;
  LacStatus status = allocate(model, form);
  if (status) {
    lac_limiter_model_free(model);
    return status;
  }
  for (size_t k = 0; k < control->count; k++)
    model->largest_peak = control->peak[k] > model->largest_peak ? control->peak[k] : model->largest_peak;
  sum_energies(model, 1.0, NULL, 0, control->count);
  double lufs = modelled_lufs(model);
  model->shift_lu = isfinite(lufs) && isfinite(measured_lufs) ? measured_lufs - lufs : 0.0;
  *out = model;
  return LAC_OK;
}

void lac_limiter_model_free(LacLimiterModel *model) {
  if (!model)
    return;
  lac_offline_gain_free(model->offline);
  lac_realtime_gain_free(model->realtime);
  lac_free(model->power);
  lac_free(model->reduction_db);
  lac_free(model->energies);
  lac_free(model);
}

double lac_limiter_model_peak_db(const LacLimiterModel *model) {
  return model->largest_peak > 0.0f ? lac_db_from_gain(model->largest_peak) : -INFINITY;
}

/* Power left and reduction of the span from linear gains. */
static void read_gains(LacLimiterModel *model, const float *gain, size_t n_hops) {
  for (size_t k = 0; k < n_hops; k++) {
    model->power[k] = gain[k] * gain[k];
    model->reduction_db[k] = gain[k] < 1.0f ? -lac_fast_db_from_gainf(gain[k]) : 0.0f;
  }
}

/* As the readout of a render: means of 10 ms in dB. */
static void describe_span(const LacLimiterModel *model, size_t n_hops, Histogram *histogram, float *deepest_db) {
  for (size_t i = 0; i < n_hops / HOPS_PER_ENTRY; i++) {
    float sum = 0.0f;
    for (size_t k = i * HOPS_PER_ENTRY; k < (i + 1) * HOPS_PER_ENTRY; k++) {
      float reduction = model->reduction_db[k];
      *deepest_db = reduction > *deepest_db ? reduction : *deepest_db;
      sum += reduction;
    }
    add_reduction(histogram, (double)sum / HOPS_PER_ENTRY);
  }
}

static void predict_limited(LacLimiterModel *model, double power, double limit_db, LacLimiterPrediction *prediction) {
  const size_t count = model->control->count;
  const float *gain =
      model->realtime ? lac_realtime_gain_run(model->realtime, (float)lac_gain_from_db(limit_db)) : NULL;
  Histogram histogram = {0};
  float deepest_db = 0.0f;
  for (size_t begin = 0, end; begin < count; begin = end) {
    end = count - begin < SPAN_HOPS ? count : begin + SPAN_HOPS;
    bool is_limited = true;
    if (gain)
      read_gains(model, gain + begin, end - begin);
    else
      is_limited = lac_offline_gain_run(model->offline, limit_db, begin, end, model->power, model->reduction_db);
    sum_energies(model, power, is_limited ? model->power : NULL, begin, end);
    if (is_limited)
      describe_span(model, end - begin, &histogram, &deepest_db);
  }
  const size_t n_entries = count / HOPS_PER_ENTRY;
  prediction->p95_db = percentile_95(&histogram);
  prediction->maximum_db = (double)deepest_db;
  prediction->limited_fraction = n_entries ? (double)histogram.total / (double)n_entries : 0.0;
}

LacLimiterPrediction lac_limiter_model_predict(LacLimiterModel *model, double gain_db, double ceiling_db) {
  LacLimiterPrediction prediction = {0};
  double gain = lac_gain_from_db(gain_db);
  double limit_db = ceiling_db - gain_db;
  if (model->largest_peak <= (float)lac_gain_from_db(limit_db))
    sum_energies(model, gain * gain, NULL, 0, model->control->count);
  else
    predict_limited(model, gain * gain, limit_db, &prediction);
  prediction.lufs = modelled_lufs(model) + model->shift_lu;
  return prediction;
}
