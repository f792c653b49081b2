/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "analysis/series.h"

#include "core/memory.h"

void lac_series_init(LacSeries *series, size_t item_size) {
  *series = (LacSeries){.item_size = item_size};
}

void *lac_series_push(LacSeries *series) {
  if (series->count == series->capacity) {
    /* Half more each time: what is never touched costs address space only. */
    size_t capacity = series->capacity < 64 ? 64 : series->capacity + series->capacity / 2;
    void *items = lac_realloc(series->items, capacity, series->item_size);
    if (!items)
      return NULL;
    series->items = items;
    series->capacity = capacity;
  }
  return (char *)series->items + series->count++ * series->item_size;
}

void *lac_series_take(LacSeries *series) {
  void *items = series->items;
  lac_series_init(series, series->item_size);
  return items;
}

void lac_series_free(LacSeries *series) {
  lac_free(series->items);
  lac_series_init(series, series->item_size);
}
