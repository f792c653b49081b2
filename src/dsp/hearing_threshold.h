/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The quietest tone young listeners hear. */

#ifndef LAC_DSP_HEARING_THRESHOLD_H
#define LAC_DSP_HEARING_THRESHOLD_H

/* Sound pressure level in dB, by E. Terhardt, "Calculating virtual pitch", Hearing Research 1, 1979. Below 20 Hz that
 * of 20 Hz. */
double lac_hearing_threshold_db(double hz);

#endif
