/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/limit_audibility.h"

#include "core/arena.h"
#include "core/memory.h"
#include "dsp/elementary.h"
#include "dsp/mask.h"
#include "dsp/vector_kernels.h"

#include <math.h>

enum { FRAME_STEPS = 512 }; /* steps of the spline in a frame; half overlapping frames measured no better */

static const double INAUDIBLE = 1e-6;
static const double LEAST_GAIN_DB = 0.45; /* of noise-to-mask ratio; less would not be worth a difference */
/* So many dB of noise for each dB of level, for each dB of reduction more, and never more than the last: what served 20
 * cuts best at -9 and -7 LUFS. Where the limiter works everywhere, a dB of drive no longer makes a dB of level. */
static const double NOISE_PER_LEVEL = 2.0, PER_REDUCTION_DB = 1.0, MOST_PER_LEVEL = 7.0;

/* What one channel of a segment is without any gain, found when it is first asked for. */
typedef struct Sound {
  bool is_known;
  double energy;
  double (*threshold)[LAC_MASK_BANDS]; /* [n_frames], where the energy is not 0 */
} Sound;

struct LacLimitAudibility {
  LacLimitLayout layout;
  LacArena *arena;
  LacMask mask;
  const LacVectorKernels *vectors;
  uint32_t n_frames, size; /* how many; frames of audio in each */
  float *gain;             /* along all cells */
  float *product;          /* size */
  Sound sounds[LAC_LIMIT_AUDIBILITY_SLOTS][2];
};

LacStatus lac_limit_audibility_new(const LacLimitLayout *layout, double rate_hz, LacLimitAudibility **out) {
  *out = NULL;
  LacLimitAudibility *a = lac_calloc(1, sizeof *a);
  if (!a)
    return LAC_ERR_MEMORY;
  const size_t length = (size_t)layout->n_cells * layout->spline.step;
  a->layout = *layout;
  a->vectors = lac_vector_kernels_at(lac_cpu_level());
  a->size = FRAME_STEPS * layout->spline.step;
  a->n_frames = (uint32_t)(length / a->size);
  LacStatus status = lac_arena_new(&a->arena);
  if (status == LAC_OK)
    status = lac_mask_init(&a->mask, a->arena, rate_hz, a->size);
  if (status == LAC_OK) {
    a->gain = lac_arena_alloc(a->arena, length, sizeof(float));
    a->product = lac_arena_alloc(a->arena, a->size, sizeof(float));
    status = a->gain && a->product ? LAC_OK : LAC_ERR_MEMORY;
  }
  for (size_t i = 0; i < 2 * (size_t)LAC_LIMIT_AUDIBILITY_SLOTS && status == LAC_OK; i++) {
    Sound *sound = &a->sounds[i / 2][i % 2];
    sound->threshold = lac_arena_alloc(a->arena, a->n_frames, sizeof *sound->threshold);
    status = sound->threshold ? LAC_OK : LAC_ERR_MEMORY;
  }
  if (status != LAC_OK) {
    lac_limit_audibility_free(a);
    return status;
  }
  *out = a;
  return LAC_OK;
}

void lac_limit_audibility_free(LacLimitAudibility *a) {
  if (!a)
    return;
  lac_mask_release(&a->mask);
  lac_arena_free(a->arena);
  lac_free(a);
}

void lac_limit_audibility_forget(LacLimitAudibility *a, unsigned slot) {
  for (unsigned c = 0; c < 2; c++)
    a->sounds[slot][c].is_known = false;
}

static void listen(LacLimitAudibility *a, const float *x, Sound *sound) {
  double power[LAC_MASK_BANDS];
  sound->is_known = true;
  sound->energy = 0.0;
  for (uint32_t frame = 0; frame < a->n_frames; frame++, x += a->size)
    sound->energy += (double)a->vectors->dot(x, x, a->size);
  x -= (size_t)a->n_frames * a->size;
  for (uint32_t frame = 0; frame < a->n_frames && sound->energy > 0.0; frame++, x += a->size) {
    lac_mask_powers(&a->mask, x, 1.0, power);
    lac_mask_thresholds(&a->mask, power, sound->threshold[frame]);
  }
}

typedef struct Level {
  double cross, after; /* energy of the product of sound and what the gain leaves, and of what it leaves */
} Level;

static Level read_level(LacLimitAudibility *a, const float *x) {
  Level level = {0.0, 0.0};
  for (uint32_t frame = 0; frame < a->n_frames; frame++) {
    const size_t at = (size_t)frame * a->size;
    a->vectors->multiply(x + at, a->gain + at, a->product, a->size);
    level.cross += (double)a->vectors->dot(x + at, a->product, a->size);
    level.after += (double)a->vectors->dot(a->product, a->product, a->size);
  }
  return level;
}

static bool is_still(const float *gain, uint32_t n) {
  float least = 1.0f;
  for (uint32_t i = 0; i < n; i++)
    least = gain[i] < least ? gain[i] : least;
  return least == 1.0f;
}

static double frame_ratio(LacLimitAudibility *a, const float *x, const double *threshold, const float *gain,
                          float mean) {
  double noise[LAC_MASK_BANDS];
  for (uint32_t i = 0; i < a->size; i++)
    a->product[i] = x[i] * (gain[i] - mean);
  lac_mask_powers(&a->mask, a->product, 1.0, noise);
  return lac_mask_noise_ratio(&a->mask, noise, threshold);
}

bool lac_limit_is_audible(const LacAudible *audible) {
  return audible->noise > INAUDIBLE;
}

bool lac_limit_is_heard_less(const LacAudible *calm, const LacAudible *fast) {
  const double reduction_db = -lac_db_from_power(fast->power);
  const double rate = fmin(NOISE_PER_LEVEL + PER_REDUCTION_DB * reduction_db, MOST_PER_LEVEL);
  const double gained_db = lac_db_from_power(fast->noise / (calm->noise + 1e-20));
  return gained_db - rate * lac_db_from_power(fast->power / calm->power) > LEAST_GAIN_DB;
}

LacAudible lac_limit_audibility_run(LacLimitAudibility *a, unsigned slot, const float *const *channels,
                                    unsigned n_channels, const float *const *curves, unsigned n_paths) {
  double noise = 0.0, before = 0.0, after = 0.0;
  for (unsigned c = 0; c < n_channels; c++) {
    const float *x = channels[c] + a->layout.margin_frames;
    if (c < n_paths)
      lac_gain_spline_gains(&a->layout.spline, curves[c], a->gain, a->layout.n_cells);
    const Level level = read_level(a, x);
    Sound *sound = &a->sounds[slot][c];
    if (!sound->is_known)
      listen(a, x, sound);
    before += sound->energy;
    after += level.after;
    if (!(sound->energy > 0.0) || is_still(a->gain, a->n_frames * a->size))
      continue;
    const float mean = (float)(level.cross / sound->energy);
    for (uint32_t frame = 0; frame < a->n_frames; frame++)
      noise +=
          frame_ratio(a, x + (size_t)frame * a->size, sound->threshold[frame], a->gain + (size_t)frame * a->size, mean);
  }
  return (LacAudible){noise / (a->n_frames * n_channels), before > 0.0 ? after / before : 1.0};
}
