/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A made-up job with a value in every field: what the report's tests are made from. */

#ifndef LAC_REPORT_TEST_REPORT_SAMPLE_H
#define LAC_REPORT_TEST_REPORT_SAMPLE_H

#include <lacquer/report.h>

enum { SAMPLE_HOPS = 2000, SAMPLE_READOUTS = 20000 };

typedef struct ReportSample {
  LacAnalysis before;
  LacAnalysis after;
  LacMediaInfo info;
  LacTag tag_items[2];
  LacTags tags;
  LacNote note_items[1];
  LacNotes notes;
  LacFinding findings[2];
  LacRecipe *recipe;
  LacReportPlatform platforms[2];
  LacReportReadout readouts[1];
  const char *stage_names[1];
  double stage_seconds[1];
  double low_db[LAC_BANDS];
  double high_db[LAC_BANDS];
  double difference_db[LAC_BANDS];
  float history[2][3][SAMPLE_HOPS];
  float reduction[2][SAMPLE_READOUTS];
  LacReportFile file;
  LacReportCompare compare;
} ReportSample;

/* 200 s of stereo, -18 LUFS to -14 LUFS. Heap: sample_free. */
ReportSample *sample_new(void);
/* Every measurement NAN, every curve silent, no recipe's platform table values. */
void sample_make_silent(ReportSample *sample);
void sample_free(ReportSample *sample);

#endif
