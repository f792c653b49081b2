/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A growing array of equal records, for values whose number is only known at the end of the audio. */

#ifndef LAC_ANALYSIS_SERIES_H
#define LAC_ANALYSIS_SERIES_H

#include <lacquer/core.h>

typedef struct LacSeries {
  void *items;
  size_t count;
  size_t capacity;
  size_t item_size;
} LacSeries;

void lac_series_init(LacSeries *series, size_t item_size);
/* Room for one more record at the end, uninitialised, counted; NULL when out of memory (the series is then as it
 * was). Pointers into the series end here. */
void *lac_series_push(LacSeries *series);
/* Hands the array over (caller: lac_free); the series is empty afterwards. NULL when nothing was pushed. */
void *lac_series_take(LacSeries *series);
void lac_series_free(LacSeries *series);

#endif
