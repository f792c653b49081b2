/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "analysis/overview.h"

#include <math.h>
#include <string.h>

#include "dsp/elementary.h"

static void begin_column(LacOverviewMeter *meter) {
  meter->column_done = 0;
  meter->low = INFINITY;
  meter->high = -INFINITY;
}

void lac_overview_meter_init(LacOverviewMeter *meter) {
  memset(meter, 0, sizeof(*meter));
  meter->kernels = lac_meter_kernels_at(lac_cpu_level());
  meter->column_frames = 1;
  begin_column(meter);
}

static void double_columns(LacOverviewMeter *meter) {
  meter->count /= 2;
  meter->column_frames *= 2;
  for (uint32_t i = 0; i < meter->count; i++) {
    const float *low = meter->minimum + 2 * (size_t)i, *high = meter->maximum + 2 * (size_t)i;
    meter->minimum[i] = low[0] < low[1] ? low[0] : low[1];
    meter->maximum[i] = high[0] > high[1] ? high[0] : high[1];
  }
}

static void end_column(LacOverviewMeter *meter) {
  meter->minimum[meter->count] = meter->low;
  meter->maximum[meter->count] = meter->high;
  begin_column(meter);
  if (++meter->count == LAC_OVERVIEW_FINE)
    double_columns(meter);
}

void lac_overview_meter_add(LacOverviewMeter *meter, const float *const *channels, unsigned n_channels,
                            uint32_t n_frames) {
  for (uint32_t done = 0; done < n_frames;) {
    const uint64_t left = meter->column_frames - meter->column_done;
    const uint32_t n = n_frames - done < left ? n_frames - done : (uint32_t)left;
    for (unsigned c = 0; c < n_channels; c++)
      meter->kernels->range(channels[c] + done, n, &meter->low, &meter->high);
    done += n;
    meter->column_done += n;
    if (meter->column_done == meter->column_frames)
      end_column(meter);
  }
}

double lac_overview_meter_result_db(LacOverviewMeter *meter, LacOverview *overview) {
  memset(overview, 0, sizeof(*overview));
  if (meter->column_done)
    end_column(meter);
  const uint32_t n = meter->count;
  overview->count = n < LAC_OVERVIEW_COLUMNS ? n : LAC_OVERVIEW_COLUMNS;
  float peak = 0;
  for (size_t column = 0; column < overview->count; column++) {
    const size_t first = column * n / overview->count, end = (column + 1) * n / overview->count;
    float low = meter->minimum[first], high = meter->maximum[first];
    for (size_t i = first + 1; i < end; i++) {
      low = meter->minimum[i] < low ? meter->minimum[i] : low;
      high = meter->maximum[i] > high ? meter->maximum[i] : high;
    }
    overview->minimum[column] = low;
    overview->maximum[column] = high;
    peak = -low > peak ? -low : peak;
    peak = high > peak ? high : peak;
  }
  return peak > 0 ? lac_db_from_gain((double)peak) : NAN;
}
