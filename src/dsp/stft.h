/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sound as overlapping spectra and back: frames of `size` samples every size / 4, a square root of a Hann window before
 * the transform and after its inverse (J. B. Allen, "Short term spectral analysis, synthesis, and modification by
 * discrete Fourier transform", 1977; the squares of four windows add up to 2, which is taken out). Unchanged spectra
 * give the input back; changed ones blend into each other without steps.
 *
 * Frames begin at multiples of size / 4 of the frame index since the start, so the output does not depend on how a
 * stretch is cut. The delay is exactly `size`. For tools that mostly do nothing the delayed input comes out beside what
 * the spectra make, so that they may add only the difference and be exact where there is none. */

#ifndef LAC_DSP_STFT_H
#define LAC_DSP_STFT_H

#include <lacquer/core.h>

#include "core/arena.h"
#include "dsp/fft.h"
#include "dsp/vector_kernels.h"

enum { LAC_STFT_CHANNELS = 2 };

/* Looks at one frame of every channel and changes it in place: size / 2 + 1 bins, unscaled (lac_fft_forward of the
 * windowed frame), 64-byte aligned. Returns false when nothing of it shall sound: no inverse then. */
typedef bool LacStftWork(void *context, float *const *re, float *const *im);

typedef struct LacStft {
  uint32_t size;
  uint32_t hop;
  unsigned n_channels;
  LacStftWork *work;
  void *context;
  LacFft *fft;
  const LacVectorKernels *vectors;
  float *window;
  float *frame; /* scratch of size samples */
  float *scratch;
  float *re[LAC_STFT_CHANNELS];
  float *im[LAC_STFT_CHANNELS];
  float *history[LAC_STFT_CHANNELS]; /* size + hop samples: the last hop of them is being filled */
  float *sum[LAC_STFT_CHANNELS];     /* size samples: what leaves next comes first */
  uint32_t fill;                     /* of the hop, 0 .. hop */
  bool is_resting; /* `work` may set it: from then on it is asked without spectra, and nothing sounds */
} LacStft;

/* size: a power of two, 64 to 262144. On failure too, lac_stft_drop gives back what it holds. */
LAC_NODISCARD LacStatus lac_stft_init(LacStft *s, LacArena *arena, uint32_t size, unsigned n_channels,
                                      LacStftWork *work, void *context);
void lac_stft_drop(LacStft *s);
void lac_stft_reset(LacStft *s);
/* late: the input `size` frames ago, bit for bit; may be `in`. made: the sum of the frames that `work` let sound, as
 * late as that; -0 where there was none, so that adding it changes no bit. Input beyond +-1e15 is held there for the
 * spectra, whose squares then stay finite. */
void lac_stft_process(LacStft *s, const float *const *in, float *const *late, float *const *made, uint32_t n_frames);

#endif
