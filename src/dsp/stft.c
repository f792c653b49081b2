/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/stft.h"

#include <string.h>

#include "dsp/elementary.h"

static const float LOUDEST = 1e15f;
static const float QUIETEST = 1e-15f; /* frames below have no spectrum, whose squares would be denormals */

LacStatus lac_stft_init(LacStft *s, LacArena *arena, uint32_t size, unsigned n_channels, LacStftWork *work,
                        void *context) {
  *s = (LacStft){.size = size, .hop = size / 4, .n_channels = n_channels, .work = work, .context = context};
  s->vectors = lac_vector_kernels_at(lac_cpu_level());
  LacStatus status = lac_fft_new(size, &s->fft);
  if (status != LAC_OK)
    return status;
  s->window = lac_arena_alloc(arena, size, sizeof(float));
  s->frame = lac_arena_alloc(arena, size, sizeof(float));
  s->scratch = lac_arena_alloc(arena, lac_fft_scratch_floats(s->fft), sizeof(float));
  bool is_complete = s->window && s->frame && s->scratch;
  for (unsigned c = 0; c < n_channels; c++) {
    s->re[c] = lac_arena_alloc(arena, size / 2 + 1, sizeof(float));
    s->im[c] = lac_arena_alloc(arena, size / 2 + 1, sizeof(float));
    s->history[c] = lac_arena_alloc(arena, size + s->hop, sizeof(float));
    s->sum[c] = lac_arena_alloc(arena, size, sizeof(float));
    is_complete = is_complete && s->re[c] && s->im[c] && s->history[c] && s->sum[c];
  }
  if (!is_complete)
    return LAC_ERR_MEMORY;
  /* The square root of Hann is a half wave; 1 / sqrt(2) on both sides takes out the sum of the four squares. */
  for (uint32_t i = 0; i < size; i++)
    s->window[i] = (float)(lac_sin(LAC_PI * (i + 0.5) / size) * 0.70710678118654752);
  lac_stft_reset(s);
  return LAC_OK;
}

void lac_stft_drop(LacStft *s) {
  lac_fft_free(s->fft);
  s->fft = NULL;
}

static void clear_sum(float *sum, uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    sum[i] = -0.0f;
}

void lac_stft_reset(LacStft *s) {
  for (unsigned c = 0; c < s->n_channels; c++) {
    memset(s->history[c], 0, (s->size + s->hop) * sizeof(float));
    clear_sum(s->sum[c], s->size);
  }
  s->fill = 0;
  s->is_resting = false;
}

static void analyse(LacStft *s, unsigned c) {
  const float *x = s->history[c] + s->hop;
  const float peak = s->vectors->max_abs(x, s->size);
  if (peak < QUIETEST) {
    memset(s->re[c], 0, (s->size / 2 + 1) * sizeof(float));
    memset(s->im[c], 0, (s->size / 2 + 1) * sizeof(float));
    return;
  }
  s->vectors->multiply(x, s->window, s->frame, s->size);
  for (uint32_t i = 0; i < s->size && peak > LOUDEST; i++) {
    const float below = x[i] < LOUDEST ? x[i] : LOUDEST;
    s->frame[i] = (below > -LOUDEST ? below : -LOUDEST) * s->window[i];
  }
  lac_fft_forward(s->fft, s->frame, s->re[c], s->im[c], s->scratch);
}

static void synthesise(LacStft *s, unsigned c) {
  float *sum = s->sum[c];
  lac_fft_inverse(s->fft, s->re[c], s->im[c], s->frame, s->scratch);
  s->vectors->multiply(s->frame, s->window, s->frame, s->size);
  for (uint32_t i = 0; i < s->size; i++)
    sum[i] += s->frame[i];
}

/* A hop is complete. */
static void turn(LacStft *s) {
  for (unsigned c = 0; c < s->n_channels; c++) {
    if (!s->is_resting)
      analyse(s, c);
    memmove(s->history[c], s->history[c] + s->hop, s->size * sizeof(float));
    memmove(s->sum[c], s->sum[c] + s->hop, (s->size - s->hop) * sizeof(float));
    clear_sum(s->sum[c] + s->size - s->hop, s->hop);
  }
  s->fill = 0;
  if (s->work(s->context, s->re, s->im) && !s->is_resting) {
    for (unsigned c = 0; c < s->n_channels; c++)
      synthesise(s, c);
  }
}

void lac_stft_process(LacStft *s, const float *const *in, float *const *late, float *const *made, uint32_t n_frames) {
  for (uint32_t done = 0, n; done < n_frames; done += n) {
    if (s->fill == s->hop)
      turn(s);
    n = n_frames - done < s->hop - s->fill ? n_frames - done : s->hop - s->fill;
    for (unsigned c = 0; c < s->n_channels; c++) {
      memcpy(s->history[c] + s->size + s->fill, in[c] + done, n * sizeof(float));
      memcpy(late[c] + done, s->history[c] + s->fill, n * sizeof(float));
      memcpy(made[c] + done, s->sum[c] + s->fill, n * sizeof(float));
    }
    s->fill += n;
  }
}
