/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Test-only processors with what the registered ones do not have yet. */

#ifndef LAC_CHAIN_TEST_SONG_CLASS_H
#define LAC_CHAIN_TEST_SONG_CLASS_H

#include <lacquer/processor.h>

/* "rider": a curve, a list, a switch, and a song-bound number; a constant delay of `delay_frames`. */
extern const LacProcessorClass test_rider_class;

enum { RIDER_CURVE, RIDER_LIST, RIDER_SWITCH, RIDER_OFFSET, RIDER_DELAY };

#endif
