/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "assistant/offline_gain.h"

#include "assistant/gain_hull.h"
#include "core/memory.h"
#include "dsp/bass_gate.h"
#include "dsp/elementary.h"

enum { CHANNELS = 2, LINKED = 0, OWN, N_ARRAYS = OWN + CHANNELS, MARGIN_HOPS = 2048, LEADS = 256, CODES = 256 };

/* What a millisecond does not show. The limiter also rounds its gain, and its spline reaches beyond a peak: as so much
 * more recovery. And between two peaks of neighbouring hops the gain comes up a little: as so much of the reduction.
 * Fitted to what the limiter did with 14 songs (60 s each): at 6 / 9 / 12 dB over the ceiling the loudness was then
 * predicted with a mean error of 0.00 / 0.00 / 0.01 LU, a standard deviation of 0.03 / 0.07 / 0.13 and a largest error
 * of 0.08 / 0.14 / 0.33 LU. */
static const double widening_ms = 0.25;
static const float mean_share = 0.95f;
static const float db_per_octave = 6.0205999f;
/* As dsp/limit_times.c: crests that differ by less than this over so much either side ask for a long recovery. */
static const double crest_s = 0.025;
static const float crest_spread_db = 0.3f;

struct LacOfflineGain {
  const LacControlTrack *control;
  LacGainHull *hull;
  float link;
  unsigned n_paths;        /* 1 when fully linked or mono */
  size_t n_gate_hops;      /* capacity of the two below */
  float *crest_db;         /* per gate hop: the most that is wanted */
  float *recovery_log2;    /* per gate hop: of milliseconds */
  float short_log2[CODES]; /* per part of the mid range */
  float long_log2;
  float *recovery, *fall, *rise; /* per hop */
  float *wanted_db[N_ARRAYS];
  float *reduction_db[CHANNELS]; /* per path */
  float first_share[LEADS];      /* of a hop's energy: as the squares of the channels' peaks stand */
};

static void fill_tables(LacOfflineGain *gain, double recovery_ms, double mid_recovery_ms) {
  const double first = lac_log2(recovery_ms), last = lac_log2(mid_recovery_ms);
  gain->long_log2 = (float)lac_log2(lac_bass_gate_recovery_ms(1.0, recovery_ms));
  for (int code = 0; code < CODES; code++)
    gain->short_log2[code] = (float)(first + (last - first) * code / (CODES - 1));
  for (int lead = 0; lead < LEADS; lead++) {
    const double ratio = lac_power_from_db(0.25 * (lead - LEADS / 2));
    gain->first_share[lead] = (float)(ratio / (1.0 + ratio));
  }
}

static LacStatus allocate(LacOfflineGain *gain, size_t n_hops) {
  const LacControlTrack *control = gain->control;
  gain->n_gate_hops =
      n_hops * control->hop_frames / (control->openness_hop_frames ? control->openness_hop_frames : 1) + 4;
  float **const plain[] = {&gain->recovery, &gain->fall, &gain->rise, &gain->wanted_db[LINKED], &gain->reduction_db[0]};
  float **const per_channel[] = {&gain->wanted_db[OWN], &gain->wanted_db[OWN + 1], &gain->reduction_db[1]};
  bool is_full = (gain->crest_db = lac_alloc(gain->n_gate_hops, sizeof(float))) != NULL;
  is_full &= (gain->recovery_log2 = lac_alloc(gain->n_gate_hops, sizeof(float))) != NULL;
  for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
    is_full &= (*plain[i] = lac_alloc(n_hops, sizeof(float))) != NULL;
  for (size_t i = 0; i < sizeof per_channel / sizeof per_channel[0] && gain->n_paths > 1; i++)
    is_full &= (*per_channel[i] = lac_alloc(n_hops, sizeof(float))) != NULL;
  return is_full ? lac_gain_hull_new(n_hops, &gain->hull) : LAC_ERR_MEMORY;
}

LacStatus lac_offline_gain_new(const LacControlTrack *control, double recovery_ms, double mid_recovery_ms, double link,
                               size_t max_hops, LacOfflineGain **out) {
  LacOfflineGain *gain = lac_calloc(1, sizeof *gain);
  *out = NULL;
  if (!gain)
    return LAC_ERR_MEMORY;
  gain->control = control;
  gain->link = (float)link;
  gain->n_paths = control->lead && link < 1.0 ? CHANNELS : 1;
  const LacStatus status = allocate(gain, max_hops + 2 * MARGIN_HOPS);
  if (status) {
    lac_offline_gain_free(gain);
    return status;
  }
  fill_tables(gain, recovery_ms, mid_recovery_ms);
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
  lac_free(gain->crest_db);
  lac_free(gain->recovery_log2);
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
    const float over = db_per_octave * lac_fast_log2f(peak[k] > 1e-9f ? peak[k] : 1e-9f) - limit_db;
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
    for (unsigned c = 0; c < 2; c++)
      gain->wanted_db[OWN + c][k] = alone[c] + gain->link * (both - alone[c]);
  }
}

/* --- Recovery ---------------------------------------------------------------------------------------------- */

/* How even the crests around a gate hop are: 0..1. */
static float steadiness(const LacOfflineGain *gain, size_t h, size_t n, size_t reach) {
  const size_t from = h > reach ? h - reach : 0, end = h + reach + 1 < n ? h + reach + 1 : n;
  float least = gain->crest_db[h], most = least;
  for (size_t i = from; i < end && least > 0.0f; i++) {
    least = gain->crest_db[i] < least ? gain->crest_db[i] : least;
    most = gain->crest_db[i] > most ? gain->crest_db[i] : most;
  }
  const float steady = 1.0f - (most - least) / crest_spread_db;
  return least > 0.0f && steady > 0.0f ? steady : 0.0f;
}

/* Of the gate hops from gate_first on, n of them: log2 of the recovery. */
static void find_recovery(LacOfflineGain *gain, size_t gate_first, size_t n) {
  const LacControlTrack *control = gain->control;
  const size_t reach = (size_t)(crest_s * control->rate_hz / control->openness_hop_frames + 0.5);
  for (size_t h = 0; h < n; h++) {
    const size_t at = gate_first + h < control->openness_count ? gate_first + h : control->openness_count - 1;
    const float steady = steadiness(gain, h, n, reach), gated = (float)control->openness[at] / (CODES - 1);
    const float open = steady > gated ? steady : gated, closed_log2 = gain->short_log2[control->mid_range[at]];
    gain->recovery_log2[h] = closed_log2 + open * (gain->long_log2 - closed_log2);
  }
}

static void find_crests(LacOfflineGain *gain, size_t first, size_t n_hops, size_t gate_first, size_t n) {
  const LacControlTrack *control = gain->control;
  for (size_t h = 0; h < n; h++)
    gain->crest_db[h] = 0.0f;
  for (size_t k = 0; k < n_hops; k++) {
    const size_t h = (first + k) * control->hop_frames / control->openness_hop_frames - gate_first;
    const float wanted = gain->wanted_db[LINKED][k];
    gain->crest_db[h] = wanted > gain->crest_db[h] ? wanted : gain->crest_db[h];
  }
}

/* The curves along the hops first .. first + n_hops - 1; values of the gate stand for the middles of its hops. */
static void find_curves(LacOfflineGain *gain, size_t first, size_t n_hops) {
  const LacControlTrack *control = gain->control;
  const double hop_ms = 1000.0 * control->hop_frames / control->rate_hz;
  const float ratio = (float)control->hop_frames / (float)control->openness_hop_frames;
  const float per_ms = (float)(-1.4426950408889634 * hop_ms), wider = (float)widening_ms;
  const size_t gate_first = first * control->hop_frames / control->openness_hop_frames;
  const size_t n = (first + n_hops) * control->hop_frames / control->openness_hop_frames + 1 - gate_first;
  const float offset = (float)((double)first * ratio - (double)gate_first) + 0.5f * ratio - 0.5f;
  find_crests(gain, first, n_hops, gate_first, n);
  find_recovery(gain, gate_first, n);
  for (size_t k = 0; k < n_hops; k++) {
    const float place = offset + (float)k * ratio, at = place > 0.0f ? place : 0.0f;
    const size_t h = (size_t)at, next = h + 1 < n ? h + 1 : h;
    const float from = gain->recovery_log2[h], to = gain->recovery_log2[next];
    const float recovery_ms = lac_fast_exp2f(from + (at - (float)h) * (to - from));
    gain->recovery[k] = lac_fast_exp2f(per_ms / (recovery_ms + wider));
  }
  lac_gain_hull_curves(gain->recovery, n_hops, gain->fall, gain->rise);
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
    power[k - begin] = power_left(mean_share * a);
    if (gain->n_paths > 1) {
      const float share = gain->first_share[gain->control->lead[k] + LEADS / 2];
      const float b = gain->reduction_db[1][k - first];
      reduction_db[k - begin] = a > b ? a : b;
      power[k - begin] = share * power[k - begin] + (1.0f - share) * power_left(mean_share * b);
    }
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
  if (gain->n_paths > 1)
    part_channels(gain, first, last - first);
  for (unsigned p = 0; p < gain->n_paths; p++)
    lac_gain_hull_run(gain->hull, gain->wanted_db[gain->n_paths > 1 ? OWN + p : LINKED], gain->fall, gain->rise,
                      last - first, gain->reduction_db[p]);
  read_paths(gain, begin, end, first, power, reduction_db);
  return true;
}
