/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "report/gain_reduction.h"

#include "core/memory.h"

#include <stdlib.h>
#include <string.h>

static int deepest_first(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

bool lac_gain_reduction(const LacReportReadout *readout, LacGainReduction *result, bool *failed) {
  *result = (LacGainReduction){0};
  if (strcmp(readout->unit, "dB") || !readout->count)
    return false;
  float *working = lac_alloc(readout->count, sizeof *working);
  size_t n = 0;
  *failed |= !working;
  for (size_t i = 0; working && i < readout->count; i++) {
    if (-(double)readout->minimum[i] > result->most_db) {
      result->most_db = -(double)readout->minimum[i];
      result->most_time_s = (double)i * readout->hop_s;
    }
    if (readout->mean[i] <= -0.01F)
      working[n++] = readout->mean[i];
  }
  if (n) {
    qsort(working, n, sizeof *working, deepest_first);
    result->p95_db = -(double)working[n / 20];
    result->share_percent = 100.0 * (double)n / (double)readout->count;
  }
  lac_free(working);
  return result->most_db >= 0.01;
}

double lac_gain_lift_db(const LacReportReadout *readout, double *time_s) {
  double most_db = 0;
  *time_s = 0;
  for (size_t i = 0; !strcmp(readout->unit, "dB") && i < readout->count; i++)
    if ((double)readout->mean[i] > most_db) {
      most_db = (double)readout->mean[i];
      *time_s = (double)i * readout->hop_s;
    }
  return most_db >= 0.01 ? most_db : 0;
}

const LacReportReadout *lac_gain_reduction_of_limiter(const LacReportFile *file) {
  for (size_t i = 0; i < file->n_readouts; i++)
    if (!strcmp(file->readouts[i].processor, "limiter") && !strcmp(file->readouts[i].unit, "dB") &&
        file->readouts[i].count)
      return &file->readouts[i];
  return NULL;
}
