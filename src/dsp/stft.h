/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sound as overlapping spectra and back: frames of `size` samples every size / 2, a square root of a Hann window before
 * the transform and after its inverse (J. B. Allen, "Short term spectral analysis, synthesis, and modification by
 * discrete Fourier transform", 1977; the squares of two windows add up to 1). Unchanged spectra give the input back;
 * changed ones blend into each other without steps.
 *
 * Frames begin at multiples of size / 2 of the frame index since the start, so the output does not depend on how a
 * stretch is cut. Left and right are the real and the imaginary part of one complex frame, which spares telling them
 * apart as long as both pass the same real gains. The delay is exactly `size`. For tools that mostly do nothing the
 * delayed input comes out beside what the spectra make, so that they may add only the difference and be exact where
 * there is none. */

#ifndef LAC_DSP_STFT_H
#define LAC_DSP_STFT_H

#include <lacquer/core.h>

#include "core/arena.h"
#include "dsp/fft.h"
#include "dsp/spectral_kernels.h"
#include "dsp/vector_kernels.h"

enum { LAC_STFT_CHANNELS = 2, LAC_STFT_HOPS = 2 };

/* Looks at one frame and changes it, by means of lac_stft_power and lac_stft_multiply. Returns false when nothing of it
 * shall sound: no inverse then, and no transform at all of a frame that nothing was asked about. */
typedef bool LacStftWork(void *context);

typedef struct LacStft {
  uint32_t size;    /* of a frame */
  uint32_t hop;     /* half of it: from one frame to the next */
  uint32_t quarter; /* of it: a plane of the spectrum */
  unsigned n_channels;
  LacStftWork *work;
  void *context;
  LacFft *fft;
  const LacVectorKernels *vectors;
  const LacSpectralKernels *kernels;
  LacSpectralFactors *there, *back;              /* windows, that back with the scale of the transform, and turns */
  uint32_t pitch;                                /* of the planes of a frame */
  float *frame[2];                               /* scratch: four planes of size / 4 samples */
  float *silence;                                /* size zeros */
  float *scratch;                                /* size / 2 + 4 */
  float *re, *im;                                /* size bins in four planes (dsp/spectral_kernels.h) */
  float peaks[LAC_STFT_CHANNELS][LAC_STFT_HOPS]; /* of the hops of this frame, in turn */
  uint32_t newest_peak;
  bool has_spectrum;                 /* of this frame: it is made when it is asked for */
  bool is_silent[LAC_STFT_CHANNELS]; /* in this frame */
  bool is_same;                      /* right is left, bit for bit, and left out */
  uint32_t length, at;               /* of the two below: room to slide in, and the place of the current frame */
  float *history[LAC_STFT_CHANNELS]; /* from `at` on size + hop samples: the last hop of them is being filled */
  float *sum[LAC_STFT_CHANNELS];     /* from `at` on size samples: what leaves next comes first */
  uint32_t fill;                     /* of the hop, 0 .. hop */
} LacStft;

/* The transform is taken apart into four of a quarter of the size, so that each fits into the nearest cache; their
 * first and last step carry the window.
 *
 * size: a power of two, 64 to 262144. On failure too, lac_stft_drop gives back what it holds. */
LAC_NODISCARD LacStatus lac_stft_init(LacStft *s, LacArena *arena, uint32_t size, unsigned n_channels,
                                      LacStftWork *work, void *context);
void lac_stft_drop(LacStft *s);
void lac_stft_reset(LacStft *s);
/* Within work: the power of bins 0 .. size / 2 of all channels together, unscaled (of lac_fft_forward of the windowed
 * frame), and gains for them, all times a scale. */
void lac_stft_power(LacStft *s, float *power);
void lac_stft_multiply(LacStft *s, const float *gain, float scale);
/* late: the input `size` frames ago, bit for bit; may be `in`. made: the sum of the frames that `work` let sound, as
 * late as that; -0 where there was none, so that adding it changes no bit. NULL: late gets it added. Input beyond
 * +-1e15 is held there for the spectra, whose squares then stay finite. */
void lac_stft_process(LacStft *s, const float *const *in, float *const *late, float *const *made, uint32_t n_frames);

#endif
