/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Real FFT of power-of-two length 16..1048576, same bits on every machine, scalar truth and vector forms alike. A plan
 * is read-only after creation and shared by threads. */

#ifndef LAC_DSP_FFT_H
#define LAC_DSP_FFT_H

#include <lacquer/core.h>

typedef struct LacFft LacFft;

LAC_NODISCARD LacStatus lac_fft_new(uint32_t n, LacFft **out);
void lac_fft_free(LacFft *fft);
uint32_t lac_fft_size(const LacFft *fft);
/* Floats of scratch that each concurrent call needs (64-byte aligned). */
size_t lac_fft_scratch_floats(const LacFft *fft);
/* in: n real samples; re, im: n/2 + 1 bins, unscaled (bin 0 = sum). in may not overlap re/im. 64-byte aligned. */
void lac_fft_forward(const LacFft *fft, const float *in, float *re, float *im, float *scratch);
/* Inverse of forward, scaled by 1/n. */
void lac_fft_inverse(const LacFft *fft, const float *re, const float *im, float *out, float *scratch);
/* The complex transform inside, of n/2 points, unscaled; nothing overlaps. Real and imaginary parts in each other's
 * place, on both sides, make it the inverse. Two real signals as one complex need no more than this. */
void lac_fft_complex(const LacFft *fft, const float *from_re, const float *from_im, float *re, float *im,
                     float *scratch);

/* Double precision, for designs and tests: same layout. */
typedef struct LacFft64 LacFft64;
LAC_NODISCARD LacStatus lac_fft64_new(uint32_t n, LacFft64 **out);
void lac_fft64_free(LacFft64 *fft);
size_t lac_fft64_scratch_doubles(const LacFft64 *fft);
void lac_fft64_forward(const LacFft64 *fft, const double *in, double *re, double *im, double *scratch);
void lac_fft64_inverse(const LacFft64 *fft, const double *re, const double *im, double *out, double *scratch);

#endif
