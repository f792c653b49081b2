/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* From the records of a spectrum meter to its results, once all of the audio is known. */

#ifndef LAC_ANALYSIS_SPECTRUM_RESULT_H
#define LAC_ANALYSIS_SPECTRUM_RESULT_H

#include <lacquer/analysis.h>

struct LacSpectrumMeter;

/* Gate, means, quantiles, tilt, edge; width, correlation, balance, mono loss. LAC_ERR_MEMORY. */
LacStatus lac_spectrum_result(const struct LacSpectrumMeter *meter, LacSpectrum *spectrum, LacStereo *stereo);

/* Slope in dB per octave of band power density between 100 Hz and 10 kHz: the median of the slopes between all pairs
 * of bands (Theil 1950, Sen 1968), which a few resonant bands cannot bend. power[b] per band; NAN with too few. */
double lac_spectral_tilt(const double *power);

#endif
