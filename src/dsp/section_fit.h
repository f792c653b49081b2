/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The digital section of second order whose largest error in dB against an analogue one, 20 Hz to 20 kHz, is least.
 *
 * Method: the section is written as a state-variable filter (dsp/svf.h), whose five values are found by weighted least
 * squares in dB (Levenberg and Marquardt on the logarithms of g, k, high and band, so that every step is stable and
 * minimum phase), re-weighted toward the least maximum error (Lawson 1961), and made to ripple equally by an exchange
 * of peaks (Remez 1934); where it does, no section of second order comes nearer. The gain at DC is exact. Starts: poles
 * of impulse invariance (Vicanek 2016, "Matched second order digital filters") and the bilinear transform. The
 * linearised fit of |H|^2 (Sanathanan and Koerner 1963) was tried first: it leaves 0.5 dB on random bells and has no
 * solution for some shelves. No memory is taken; a section costs some 80 us, up to 0.5 ms where ripples stay unequal.
 *
 * What one section cannot do, near Nyquist most of all, a second one can: a corrector of fixed poles, whose zeros are
 * fitted together with the first section, by weighted least squares from there. Left free, with all ripples made equal,
 * a pair comes within 0.001 to 0.004 dB, but then two designs that lie near each other may share out their zeros and
 * poles quite differently, and a band that glides between them would pass through 3 to 15 dB of something else. So a
 * pair is held near to the section alone, and stays within 0.01 dB for bells and 0.02 dB for shelves up to 20 kHz. A
 * corrector costs 0.1 to 0.3 ms more.
 */

#ifndef LAC_DSP_SECTION_FIT_H
#define LAC_DSP_SECTION_FIT_H

#include "dsp/svf.h"

/* An analogue section in p = s / w0: (n2 p^2 + n1 p + n0) / (d2 p^2 + d1 p + d0). */
typedef struct LacPrototype {
  double n2, n1, n0;
  double d2, d1, d0;
} LacPrototype;

/* What the digital section may look like. `low` is always given by the gain at DC. */
typedef enum LacSectionForm {
  LAC_FORM_FULL,              /* bells, shelves, low-passes: g, k, high and band are free */
  LAC_FORM_ZERO_AT_DC,        /* 6 dB high-pass: the same with low = 0 */
  LAC_FORM_DOUBLE_ZERO_AT_DC, /* high-passes: low = band = 0 */
  LAC_FORM_NOTCH              /* zeros on the circle at w0: band = 0, high follows from g */
} LacSectionForm;

/* |H|^2 at x = w / w0. */
double lac_prototype_power(const LacPrototype *h, double x);
/* With w0 at hz, above rate_hz / 2 for LAC_FORM_FULL alone. */
LacSvf lac_section_fit(const LacPrototype *h, LacSectionForm form, double hz, double rate_hz);

enum { LAC_PAIR_SECTIONS = 2 };

/* The same of the full form; where that is more than enough_db off, a pair. Returns the number of sections. */
unsigned lac_section_pair_fit(const LacPrototype *h, double hz, double rate_hz, double enough_db,
                              LacSvf sections[LAC_PAIR_SECTIONS]);

#endif
