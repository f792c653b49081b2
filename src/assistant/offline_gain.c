/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "assistant/offline_gain.h"

#include <math.h>
#include <string.h>

#include "assistant/gain_hull.h"
#include "core/memory.h"
#include "dsp/bass_gate.h"
#include "dsp/elementary.h"
#include "dsp/limit_image.h"

enum {
  CHANNELS = 2,
  LINKED = 0,
  OWN,
  N_ARRAYS = OWN + CHANNELS,
  MARGIN_HOPS = 2048,
  LEADS = 256,
  FULLY_OPEN = 255,
  GUARD_ROUNDS = 2
};

/* What a millisecond does not show. Rounding and the spline's reach beyond a peak act as so much more recovery, in
 * parts of the rounding time; and between two peaks of neighbouring hops the gain comes up a little, the less the
 * longer it takes: of catenaries some 0.65 ms wide the mean lies (0.65 / recovery)^2 / 12 over the ends. Both fitted to
 * what the limiter did with 20 songs (60 s each, docs/algorithms.md). */
static const float widening_share = 0.67f;
static const float sag_ms2 = 0.036f;

struct LacOfflineGain {
  const LacControlTrack *control;
  LacGainHull *hull;
  float link, most_drift_db;
  unsigned n_paths;     /* 1 when fully linked or mono */
  size_t n_gate_hops;   /* capacity of the two below */
  float *asked_db;      /* per gate hop: the most that is wanted */
  float *crest_db;      /* and with its neighbours */
  float *recovery_log2; /* per gate hop: of milliseconds */
  float *rounding_log2; /* the same */
  float short_log2, sharp_log2, long_log2, round_log2;
  float *recovery, *fall, *rise; /* per hop */
  float *mean_share;             /* per hop: of the reduction at its peak */
  float *tie;                    /* per hop: how far the image links what is free; two channels */
  float *wanted_db[N_ARRAYS];
  float *reduction_db[CHANNELS]; /* per path */
  float first_share[LEADS];      /* of a hop's energy: as the squares of the channels' peaks stand */
  float both_share[LEADS];       /* what is in both of them, the same way */
};

static void fill_tables(LacOfflineGain *gain, const LacLimitWeights *weights) {
  const LacLimitKind *fast = &weights->kinds[0];
  gain->short_log2 = (float)lac_log2(fast->recovery_ms);
  gain->sharp_log2 = (float)lac_log2(fast->rounding_ms);
  gain->long_log2 = (float)lac_log2(lac_bass_gate_recovery_ms(1.0, fast->recovery_ms));
  gain->round_log2 = (float)lac_log2(lac_bass_gate_rounding_ms(1.0, fast->rounding_ms));
  for (int lead = 0; lead < LEADS; lead++) {
    const double ratio = lac_power_from_db(0.25 * (lead - LEADS / 2));
    gain->first_share[lead] = (float)(ratio / (1.0 + ratio));
    gain->both_share[lead] = (float)(sqrt(ratio) / (1.0 + ratio));
  }
}

static LacStatus allocate(LacOfflineGain *gain, size_t n_hops) {
  const LacControlTrack *control = gain->control;
  gain->n_gate_hops =
      n_hops * control->hop_frames / (control->openness_hop_frames ? control->openness_hop_frames : 1) + 4;
  float **const gated[] = {&gain->asked_db, &gain->crest_db, &gain->recovery_log2, &gain->rounding_log2};
  float **const plain[] = {&gain->recovery,          &gain->fall,       &gain->rise,
                           &gain->wanted_db[LINKED], &gain->mean_share, &gain->reduction_db[0]};
  float **const per_channel[] = {&gain->wanted_db[OWN], &gain->wanted_db[OWN + 1], &gain->reduction_db[1], &gain->tie};
  bool is_full = true;
  for (size_t i = 0; i < sizeof gated / sizeof gated[0]; i++)
    is_full &= (*gated[i] = lac_alloc(gain->n_gate_hops, sizeof(float))) != NULL;
  for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
    is_full &= (*plain[i] = lac_alloc(n_hops, sizeof(float))) != NULL;
  for (size_t i = 0; i < sizeof per_channel / sizeof per_channel[0] && gain->n_paths > 1; i++)
    is_full &= (*per_channel[i] = lac_alloc(n_hops, sizeof(float))) != NULL;
  return is_full ? lac_gain_hull_new(n_hops, &gain->hull) : LAC_ERR_MEMORY;
}

LacStatus lac_offline_gain_new(const LacControlTrack *control, const LacLimitWeights *weights, double link,
                               size_t max_hops, LacOfflineGain **out) {
  LacOfflineGain *gain = lac_calloc(1, sizeof *gain);
  *out = NULL;
  if (!gain)
    return LAC_ERR_MEMORY;
  gain->control = control;
  gain->link = (float)link;
  gain->most_drift_db = (float)weights->most_drift_db;
  gain->n_paths = control->lead && link < 1.0 ? CHANNELS : 1;
  const LacStatus status = allocate(gain, max_hops + 2 * MARGIN_HOPS);
  if (status) {
    lac_offline_gain_free(gain);
    return status;
  }
  fill_tables(gain, weights);
  *out = gain;
  return LAC_OK;
}

void lac_offline_gain_free(LacOfflineGain *gain) {
  if (!gain)
    return;
  for (unsigned i = 0; i < N_ARRAYS; i++)
    lac_free(gain->wanted_db[i]);
  for (unsigned p = 0; p < CHANNELS; p++)
    lac_free(gain->reduction_db[p]);
  lac_gain_hull_free(gain->hull);
  lac_free(gain->asked_db);
  lac_free(gain->crest_db);
  lac_free(gain->recovery_log2);
  lac_free(gain->rounding_log2);
  lac_free(gain->mean_share);
  lac_free(gain->tie);
  lac_free(gain->recovery);
  lac_free(gain->fall);
  lac_free(gain->rise);
  lac_free(gain);
}

/* How far all stand over the limit; returns whether any does. */
static bool find_wanted(LacOfflineGain *gain, float limit_db, size_t first, size_t n_hops) {
  const float *peak = gain->control->peak + first;
  float *linked = gain->wanted_db[LINKED];
  float most = 0.0f;
  for (size_t k = 0; k < n_hops; k++) {
    const float over = lac_fast_db_from_gainf(peak[k] > 1e-9f ? peak[k] : 1e-9f) - limit_db;
    linked[k] = over;
    most = over > most ? over : most;
  }
  return most > 0.0f;
}

/* What each channel wants: what it needs alone, and as far as they are linked what the louder one needs. */
static void part_channels(LacOfflineGain *gain, size_t first, size_t n_hops) {
  const float *linked = gain->wanted_db[LINKED];
  for (size_t k = 0; k < n_hops; k++) {
    const float lead_db = 0.25f * (float)gain->control->lead[first + k];
    const float both = linked[k] > 0.0f ? linked[k] : 0.0f;
    const float a = both + (lead_db < 0.0f ? lead_db : 0.0f), b = both - (lead_db > 0.0f ? lead_db : 0.0f);
    const float alone[2] = {a > 0.0f ? a : 0.0f, b > 0.0f ? b : 0.0f};
    const float link = gain->link + gain->tie[k] * (1.0f - gain->link);
    for (unsigned c = 0; c < 2; c++)
      gain->wanted_db[OWN + c][k] = alone[c] + link * (both - alone[c]);
  }
}

/* --- Recovery ---------------------------------------------------------------------------------------------- */

/* Of the gate hops from gate_first on, n of them: log2 of the recovery and the rounding. */
static void find_recovery(LacOfflineGain *gain, size_t gate_first, size_t n) {
  const LacControlTrack *control = gain->control;
  const size_t reach = (size_t)(LAC_LIMIT_CREST_S * control->rate_hz / control->openness_hop_frames + 0.5);
  for (size_t h = 0; h < n; h++) {
    const size_t at = gate_first + h < control->openness_count ? gate_first + h : control->openness_count - 1;
    float height;
    const float steady = (float)lac_limit_steadiness(gain->crest_db, n, h, reach, &height);
    const float gated = (float)control->openness[at] / FULLY_OPEN;
    const float open = steady > gated ? steady : gated;
    gain->recovery_log2[h] = gain->short_log2 + open * (gain->long_log2 - gain->short_log2);
    gain->rounding_log2[h] = gain->sharp_log2 + open * (gain->round_log2 - gain->sharp_log2);
  }
}

static void find_crests(LacOfflineGain *gain, size_t first, size_t n_hops, size_t gate_first, size_t n) {
  const LacControlTrack *control = gain->control;
  for (size_t h = 0; h < n; h++)
    gain->asked_db[h] = 0.0f;
  for (size_t k = 0; k < n_hops; k++) {
    const size_t h = (first + k) * control->hop_frames / control->openness_hop_frames - gate_first;
    const float wanted = gain->wanted_db[LINKED][k];
    gain->asked_db[h] = wanted > gain->asked_db[h] ? wanted : gain->asked_db[h];
  }
  lac_limit_crests(gain->asked_db, n, gain->crest_db);
}

/* The curves along the hops first .. first + n_hops - 1; values of the gate stand for the middles of its hops. */
static void find_curves(LacOfflineGain *gain, size_t first, size_t n_hops) {
  const LacControlTrack *control = gain->control;
  const double hop_ms = 1000.0 * control->hop_frames / control->rate_hz;
  const float ratio = (float)control->hop_frames / (float)control->openness_hop_frames;
  const float per_ms = (float)(-1.4426950408889634 * hop_ms);
  const size_t gate_first = first * control->hop_frames / control->openness_hop_frames;
  const size_t n = (first + n_hops) * control->hop_frames / control->openness_hop_frames + 1 - gate_first;
  const float offset = (float)((double)first * ratio - (double)gate_first) + 0.5f * ratio - 0.5f;
  find_crests(gain, first, n_hops, gate_first, n);
  find_recovery(gain, gate_first, n);
  for (size_t k = 0; k < n_hops; k++) {
    const float place = offset + (float)k * ratio, at = place > 0.0f ? place : 0.0f;
    const size_t h = (size_t)at, next = h + 1 < n ? h + 1 : h;
    const float *recovery = gain->recovery_log2, *rounding = gain->rounding_log2, part = at - (float)h;
    const float recovery_ms = lac_fast_exp2f(recovery[h] + part * (recovery[next] - recovery[h]));
    const float rounding_ms = lac_fast_exp2f(rounding[h] + part * (rounding[next] - rounding[h]));
    const float in_all_ms = recovery_ms + widening_share * rounding_ms;
    gain->recovery[k] = lac_fast_exp2f(per_ms / in_all_ms);
    gain->mean_share[k] = 1.0f - sag_ms2 / (in_all_ms * in_all_ms);
  }
  lac_gain_hull_curves(gain->recovery, n_hops, gain->fall, gain->rise);
}

/* --- The image -------------------------------------------------------------------------------------------- */

/* True when the gains drifted apart, and the channels have been linked closer there. One round:
 * the gains are nearly linear in the link. */
static bool guard_image(LacOfflineGain *gain, size_t first, size_t n_hops) {
  const LacControlTrack *control = gain->control;
  const float *energy = control->k_energy + first;
  const int8_t *lead = control->lead + first;
  const size_t window = (size_t)(LAC_LIMIT_DRIFT_S * control->rate_hz / control->hop_frames + 0.5), step = window / 8;
  bool is_tighter = false;
  for (size_t k = 0; k + window <= n_hops; k += step) {
    float sum = 0.0f, heard = 0.0f, all = 1e-20f;
    for (size_t j = k; j < k + window; j++) {
      const float apart = gain->reduction_db[0][j] - gain->reduction_db[1][j];
      const float shared = energy[j] * gain->both_share[lead[j] + LEADS / 2];
      sum += apart;
      heard += apart * shared;
      all += shared;
    }
    const float mean_db = fabsf(sum) / (float)window, heard_db = fabsf(heard) / all;
    const float drift_db = mean_db > heard_db ? mean_db : heard_db;
    if (drift_db <= gain->most_drift_db)
      continue;
    is_tighter = true;
    lac_limit_tie_window(gain->tie, n_hops, k, window,
                         1.0f - (float)LAC_LIMIT_DRIFT_AIM * gain->most_drift_db / drift_db);
  }
  return is_tighter;
}

/* --- The whole --------------------------------------------------------------------------------------------- */

static float power_left(float reduction_db) {
  return lac_fast_exp2f(-0.33219281f * (reduction_db < 300.0f ? reduction_db : 300.0f));
}

static void read_paths(const LacOfflineGain *gain, size_t begin, size_t end, size_t first, float *power,
                       float *reduction_db) {
  for (size_t k = begin; k < end; k++) {
    const float a = gain->reduction_db[0][k - first];
    reduction_db[k - begin] = a;
    power[k - begin] = power_left(gain->mean_share[k - first] * a);
    if (gain->n_paths > 1) {
      const float share = gain->first_share[gain->control->lead[k] + LEADS / 2];
      const float b = gain->reduction_db[1][k - first];
      reduction_db[k - begin] = a > b ? a : b;
      power[k - begin] = share * power[k - begin] + (1.0f - share) * power_left(gain->mean_share[k - first] * b);
    }
  }
}

static void find_reductions(LacOfflineGain *gain, size_t first, size_t n_hops) {
  if (gain->n_paths == 1) {
    lac_gain_hull_run(gain->hull, gain->wanted_db[LINKED], gain->fall, gain->rise, n_hops, gain->reduction_db[0]);
    return;
  }
  memset(gain->tie, 0, n_hops * sizeof *gain->tie);
  for (int round = 0; round < GUARD_ROUNDS; round++) {
    part_channels(gain, first, n_hops);
    for (unsigned p = 0; p < CHANNELS; p++)
      lac_gain_hull_run(gain->hull, gain->wanted_db[OWN + p], gain->fall, gain->rise, n_hops, gain->reduction_db[p]);
    if (round + 1 == GUARD_ROUNDS || !guard_image(gain, first, n_hops))
      return;
  }
}

bool lac_offline_gain_run(LacOfflineGain *gain, double limit_db, size_t begin, size_t end, float *power,
                          float *reduction_db) {
  const size_t count = gain->control->count;
  const size_t first = begin > MARGIN_HOPS ? begin - MARGIN_HOPS : 0;
  const size_t last = count - end > MARGIN_HOPS ? end + MARGIN_HOPS : count;
  if (!find_wanted(gain, (float)limit_db, first, last - first))
    return false;
  find_curves(gain, first, last - first);
  find_reductions(gain, first, last - first);
  read_paths(gain, begin, end, first, power, reduction_db);
  return true;
}
