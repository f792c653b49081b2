/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Equaliser bands as sections whose response follows the analogue prototype up to the top of the audible range, without
 * the cramping of the bilinear transform (dsp/section_fit.h); bells, shelves and tilts take a second one where the
 * first is measurably off. Cuts are the exact inverse of the boost. */

#ifndef LAC_DSP_BIQUAD_FIT_H
#define LAC_DSP_BIQUAD_FIT_H

#include "dsp/svf.h"

typedef enum LacBandType {
  LAC_BAND_OFF,
  LAC_BAND_BELL,
  LAC_BAND_LOW_SHELF,
  LAC_BAND_HIGH_SHELF,
  LAC_BAND_TILT, /* -db/2 at the bottom, +db/2 at the top */
  LAC_BAND_NOTCH,
  LAC_BAND_HIGH_PASS, /* 12 dB per octave */
  LAC_BAND_LOW_PASS,
  LAC_BAND_HIGH_PASS_6,
  LAC_BAND_LOW_PASS_6,
  LAC_BAND_HIGH_PASS_24,
  LAC_BAND_LOW_PASS_24,
  LAC_BAND_HIGH_PASS_48,
  LAC_BAND_LOW_PASS_48,
  LAC_BAND_TYPES
} LacBandType;

enum { LAC_BAND_MAX_SECTIONS = 4 };

/* True for the types that `db` acts on: at 0 dB they do nothing. */
bool lac_band_uses_db(LacBandType type);

/* The sections of one band, in order; returns their number (0 for off, or for 0 dB where db counts).
 * hz > 0: centre, corner (-3 dB at q 0.7071) or, for shelves and tilt, the frequency of half the dB. Bells, shelves,
 * tilts and low-passes may stand above rate / 2: what is audible of them is kept. A notch or high-pass is moved down
 * to 0.49 rate. q > 0: for passes of 24 and 48 dB per octave the most resonant section of the Butterworth row is
 * scaled by q / 0.7071; passes of 6 dB per octave have none. */
unsigned lac_band_design(LacBandType type, double hz, double db, double q, double rate_hz,
                         LacSvf sections[LAC_BAND_MAX_SECTIONS]);

/* Gain in dB at f_hz of the band as it runs at rate_hz; -INFINITY where it is zero. Designs anew at every call: for a
 * whole curve, lac_band_design once and lac_sections_db for each point. */
double lac_eq_band_db(LacBandType type, double hz, double db, double q, double rate_hz, double f_hz);
/* The same of sections designed before. */
double lac_sections_db(const LacSvf *sections, unsigned n_sections, double rate_hz, double f_hz);
/* The analogue prototype's gain in dB: what the design aims at. */
double lac_band_prototype_db(LacBandType type, double hz, double db, double q, double f_hz);

#endif
