/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/bass_gate.h"

#include <math.h>
#include <string.h>

#include "core/arena.h"
#include "core/memory.h"
#include "dsp/elementary.h"
#include "dsp/fft.h"

/* Low part of the energy that a place needs, and how steady (mean over largest crest) its peaks must be. Mixed sound is
 * held to what only held notes reach: over 115 ms music has 0.83 to 0.92, in one of ten moments 0.96, a tone 1. Low
 * sound alone is let in at the 0.9 of plucked notes (bass stems: 0.9 to 1; kick drums 0.55 to 0.85). */
static const double LOW_FROM = 0.60, LOW_TO = 0.75;
static const double PURE_FROM = 0.95, PURE_TO = 0.995; /* low part: from mixed to alone */
static const double MIXED_FROM = 0.985, MIXED_TO = 0.995;
static const double PURE_STEADY_FROM = 0.85, PURE_STEADY_TO = 0.95;

enum {
  LANES = 8,
  HOP = 8,      /* boxes */
  WINDOW = 128, /* boxes */
  BINS = WINDOW / 2 + 1,
  PAD = WINDOW / 2 - HOP / 2, /* boxes before the first hop that its window covers */
  CREST_REACH = 2,            /* hops each side: 5 hops, 29 ms, hold at least one crest of 35 Hz */
  STEADY_REACH = 20,          /* hops each side: about 115 ms */
  GLIDE_REACH = 4,            /* hops each side */
  CONTEXT = CREST_REACH + STEADY_REACH + GLIDE_REACH /* the first two reach farther than the window */
};
static const double LONG_RECOVERY_MS = 300, LONG_ROUNDING_MS = 5;
static const double BOX_RATE_HZ = 1450;               /* about: a box is a power of two frames */
static const double BAND_HZ = 400, BAND_END_HZ = 500; /* what is low: whole, faded out */
static const double SILENCE = 1e-18;                  /* -200 dBFS over the window, whose squares sum to 48 */

struct LacBassGate {
  LacArena *arena;
  LacFft *fft;
  uint32_t box_frames;
  size_t max_hops;
  float window[WINDOW];
  double energy_weight[WINDOW]; /* the window's square */
  double weight[BINS];          /* to energies of the band, as the same sums of squares */
  double period[BINS];          /* weight over frequency */
  double glide[2 * GLIDE_REACH + 1];
  float *low[2];  /* box means, PAD zeros before and after */
  double *energy; /* of everything, per box; likewise */
  float *peak;    /* per hop */
  float *crest;   /* largest peak near */
  float *raw;
  float *frame, *re, *im, *scratch;
};

static void design(LacBassGate *gate, double rate_hz) {
  const double box_rate_hz = rate_hz / gate->box_frames;
  for (int i = 0; i < WINDOW; i++) {
    gate->window[i] = (float)(0.5 - 0.5 * lac_cos(2 * LAC_PI * (i + 0.5) / WINDOW));
    gate->energy_weight[i] = (double)gate->window[i] * (double)gate->window[i];
  }
  for (int k = 1; k < BINS; k++) {
    const double hz = k * box_rate_hz / WINDOW, turn = LAC_PI * hz / box_rate_hz;
    if (hz >= BAND_END_HZ)
      break;
    const double droop = lac_sin(turn) / turn; /* of the box */
    const double edge = hz <= BAND_HZ ? 1 : (BAND_END_HZ - hz) / (BAND_END_HZ - BAND_HZ);
    gate->weight[k] = edge * 2.0 / WINDOW / (droop * droop);
    gate->period[k] = gate->weight[k] / hz;
  }
  double sum = 0;
  for (int i = -GLIDE_REACH; i <= GLIDE_REACH; i++)
    sum += gate->glide[i + GLIDE_REACH] = 1 + lac_cos(LAC_PI * i / (GLIDE_REACH + 1));
  for (int i = 0; i <= 2 * GLIDE_REACH; i++)
    gate->glide[i] /= sum;
}

static LacStatus get_memory(LacBassGate *gate) {
  LacStatus status = lac_arena_new(&gate->arena);
  if (status == LAC_OK)
    status = lac_fft_new(WINDOW, &gate->fft);
  if (status != LAC_OK)
    return status;
  const size_t n_boxes = gate->max_hops * HOP + 2 * PAD;
  for (int c = 0; c < 2; c++)
    gate->low[c] = lac_arena_alloc(gate->arena, n_boxes, sizeof(float));
  gate->energy = lac_arena_alloc(gate->arena, n_boxes, sizeof(double));
  gate->peak = lac_arena_alloc(gate->arena, gate->max_hops, sizeof(float));
  gate->crest = lac_arena_alloc(gate->arena, gate->max_hops, sizeof(float));
  gate->raw = lac_arena_alloc(gate->arena, gate->max_hops, sizeof(float));
  gate->frame = lac_arena_alloc(gate->arena, WINDOW, sizeof(float));
  gate->re = lac_arena_alloc(gate->arena, BINS, sizeof(float));
  gate->im = lac_arena_alloc(gate->arena, BINS, sizeof(float));
  gate->scratch = lac_arena_alloc(gate->arena, lac_fft_scratch_floats(gate->fft), sizeof(float));
  const bool have_all = gate->low[0] && gate->low[1] && gate->energy && gate->peak && gate->crest && gate->raw &&
                        gate->frame && gate->re && gate->im && gate->scratch;
  return have_all ? LAC_OK : LAC_ERR_MEMORY;
}

LacStatus lac_bass_gate_new(double rate_hz, size_t max_frames, LacBassGate **out) {
  *out = NULL;
  if (!(rate_hz >= 8000 && rate_hz <= 384000) || max_frames == 0 || max_frames > UINT32_MAX)
    return LAC_ERR_RANGE;
  LacBassGate *gate = lac_calloc(1, sizeof *gate);
  if (!gate)
    return LAC_ERR_MEMORY;
  gate->box_frames = LANES;
  while (gate->box_frames * BOX_RATE_HZ * 1.414 < rate_hz)
    gate->box_frames *= 2;
  const uint32_t hop_frames = lac_bass_gate_hop_frames(gate);
  gate->max_hops = (max_frames + hop_frames - 1) / hop_frames;
  const LacStatus status = get_memory(gate);
  if (status != LAC_OK) {
    lac_bass_gate_free(gate);
    return status;
  }
  design(gate, rate_hz);
  *out = gate;
  return LAC_OK;
}

void lac_bass_gate_free(LacBassGate *gate) {
  if (!gate)
    return;
  lac_fft_free(gate->fft);
  lac_arena_free(gate->arena);
  lac_free(gate);
}

uint32_t lac_bass_gate_hop_frames(const LacBassGate *gate) {
  return gate->box_frames * HOP;
}

uint32_t lac_bass_gate_context_frames(const LacBassGate *gate) {
  return CONTEXT * lac_bass_gate_hop_frames(gate);
}

/* Sum, sum of squares and largest magnitude of one box; eight lanes, so that every machine adds alike. */
static void box(const float *x, uint32_t n, float *sum, float *square, float *peak) {
  float sums[LANES] = {0}, squares[LANES] = {0}, peaks[LANES] = {0};
  for (uint32_t i = 0; i < n; i += LANES) {
    for (int j = 0; j < LANES; j++) {
      const float v = x[i + (uint32_t)j], size = fabsf(v);
      sums[j] += v;
      squares[j] += v * v;
      peaks[j] = size > peaks[j] ? size : peaks[j];
    }
  }
  *sum = *square = *peak = 0;
  for (int j = 0; j < LANES; j++) {
    *sum += sums[j];
    *square += squares[j];
    *peak = peaks[j] > *peak ? peaks[j] : *peak;
  }
}

/* The part of a box that the stretch's end cuts off counts as silence. */
static void short_box(const float *x, uint32_t n, float *sum, float *square, float *peak) {
  *sum = *square = *peak = 0;
  for (uint32_t i = 0; i < n; i++) {
    *sum += x[i];
    *square += x[i] * x[i];
    *peak = fabsf(x[i]) > *peak ? fabsf(x[i]) : *peak;
  }
}

/* Audio to boxes. */
static void reduce(LacBassGate *gate, const float *const *channels, unsigned n_channels, size_t n_frames,
                   size_t n_hops) {
  memset(gate->energy, 0, (n_hops * HOP + 2 * PAD) * sizeof *gate->energy);
  memset(gate->peak, 0, n_hops * sizeof *gate->peak);
  for (unsigned c = 0; c < n_channels; c++) {
    memset(gate->low[c], 0, (n_hops * HOP + 2 * PAD) * sizeof **gate->low);
    for (size_t b = 0, at = 0; at < n_frames; b++, at += gate->box_frames) {
      float sum, square, peak;
      if (n_frames - at >= gate->box_frames)
        box(channels[c] + at, gate->box_frames, &sum, &square, &peak);
      else
        short_box(channels[c] + at, (uint32_t)(n_frames - at), &sum, &square, &peak);
      gate->low[c][PAD + b] = sum / (float)gate->box_frames;
      gate->energy[PAD + b] += (double)square / gate->box_frames;
      gate->peak[b / HOP] = peak > gate->peak[b / HOP] ? peak : gate->peak[b / HOP];
    }
  }
}

static double smooth_step(double x, double from, double to) {
  const double u = (x - from) / (to - from);
  return u <= 0 ? 0 : u >= 1 ? 1 : u * u * (3 - 2 * u);
}

/* Recovery that a tone needs for harmonics near -80 dB or below, on the convex solution: 300 ms (-92 dB) at 50 Hz, then
 * falling with the power 1.6 of the frequency. As a part of the way from 1 ms to LONG_RECOVERY_MS, geometrically. */
static double needed_openness(double hz) {
  const double way = lac_log(LONG_RECOVERY_MS), need = way - 1.6 * lac_log(hz / 50);
  return need >= way ? 1 : need <= 0 ? 0 : need / way;
}

/* The low sound's part of the energy around a hop, and its (harmonic) mean frequency. */
static double low_share(LacBassGate *gate, unsigned n_channels, size_t hop, double *hz) {
  double all = 0, low = 0, period = 0;
  const double *energy = gate->energy + hop * HOP;
  for (int i = 0; i < WINDOW; i++)
    all += gate->energy_weight[i] * energy[i];
  if (all < SILENCE)
    return 0;
  for (unsigned c = 0; c < n_channels; c++) {
    const float *x = gate->low[c] + hop * HOP;
    for (int i = 0; i < WINDOW; i++)
      gate->frame[i] = gate->window[i] * x[i];
    lac_fft_forward(gate->fft, gate->frame, gate->re, gate->im, gate->scratch);
    for (int k = 1; k < BINS; k++) {
      const double re = (double)gate->re[k], im = (double)gate->im[k], power = re * re + im * im;
      low += gate->weight[k] * power;
      period += gate->period[k] * power;
    }
  }
  *hz = period > 0 ? low / period : BAND_END_HZ;
  return low / all;
}

/* Largest peak within CREST_REACH hops: the envelope that a limiter sees, without the cycles. */
static void find_crests(LacBassGate *gate, size_t n_hops) {
  for (size_t h = 0; h < n_hops; h++) {
    const size_t from = h > CREST_REACH ? h - CREST_REACH : 0;
    float crest = 0;
    for (size_t k = from; k < n_hops && k <= h + CREST_REACH; k++)
      crest = gate->peak[k] > crest ? gate->peak[k] : crest;
    gate->crest[h] = crest;
  }
}

/* Mean over largest crest of a run of hops. */
static double evenness(const float *crest, size_t n) {
  double sum = 0, largest = 0;
  for (size_t i = 0; i < n; i++) {
    sum += (double)crest[i];
    largest = (double)crest[i] > largest ? (double)crest[i] : largest;
  }
  return largest > 0 ? sum / ((double)n * largest) : 0;
}

/* Steady before or after: the first and last moments of a note count as well. */
static double steadiness(const LacBassGate *gate, size_t hop, size_t n_hops) {
  const size_t before = hop < STEADY_REACH ? hop : STEADY_REACH;
  const size_t after = n_hops - 1 - hop < STEADY_REACH ? n_hops - 1 - hop : STEADY_REACH;
  const double past = evenness(gate->crest + hop - before, before + 1);
  const double future = evenness(gate->crest + hop, after + 1);
  return past > future ? past : future;
}

static double openness_of(double share, double steadiness, double hz) {
  const double purity = (share - PURE_FROM) / (PURE_TO - PURE_FROM);
  const double pure = purity <= 0 ? 0 : purity >= 1 ? 1 : purity;
  const double from = MIXED_FROM + pure * (PURE_STEADY_FROM - MIXED_FROM);
  const double to = MIXED_TO + pure * (PURE_STEADY_TO - MIXED_TO);
  return smooth_step(share, LOW_FROM, LOW_TO) * smooth_step(steadiness, from, to) * needed_openness(hz);
}

/* Weighted mean of the neighbours: changes take some 50 ms. */
static void glide(const LacBassGate *gate, size_t n_hops, float *openness) {
  for (size_t h = 0; h < n_hops; h++) {
    double sum = 0, weight = 0;
    for (int i = -GLIDE_REACH; i <= GLIDE_REACH; i++) {
      if ((i < 0 && h < (size_t)-i) || (i > 0 && h + (size_t)i >= n_hops))
        continue;
      const size_t k = i < 0 ? h - (size_t)-i : h + (size_t)i;
      sum += gate->glide[i + GLIDE_REACH] * (double)gate->raw[k];
      weight += gate->glide[i + GLIDE_REACH];
    }
    openness[h] = (float)(sum / weight);
  }
}

void lac_bass_gate_run(LacBassGate *gate, const float *const *channels, unsigned n_channels, size_t n_frames,
                       float *openness) {
  const uint32_t hop_frames = lac_bass_gate_hop_frames(gate);
  const size_t n_hops = (n_frames + hop_frames - 1) / hop_frames;
  reduce(gate, channels, n_channels, n_frames, n_hops);
  find_crests(gate, n_hops);
  for (size_t h = 0; h < n_hops; h++) {
    double hz;
    const double share = low_share(gate, n_channels, h, &hz);
    gate->raw[h] = share > LOW_FROM ? (float)openness_of(share, steadiness(gate, h, n_hops), hz) : 0.0f;
  }
  glide(gate, n_hops, openness);
}

static double between(double openness, double short_ms, double long_ms) {
  return short_ms >= long_ms ? short_ms : short_ms * lac_exp(openness * lac_log(long_ms / short_ms));
}

double lac_bass_gate_recovery_ms(double openness, double short_ms) {
  return between(openness, short_ms, LONG_RECOVERY_MS);
}

double lac_bass_gate_rounding_ms(double openness, double short_ms) {
  return between(openness, short_ms, LONG_ROUNDING_MS);
}
