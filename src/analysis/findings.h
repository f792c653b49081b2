/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is wrong or notable. The meter looks at the waveform itself: clipping, DC, silence at the ends, polarity, equal
 * or missing channels, samples that were no numbers. What follows from other meters' results (inter-sample overs, lossy
 * edge, missing headroom) is derived from a finished LacAnalysis, so that it also works when two analyzers were joined.
 */

#ifndef LAC_ANALYSIS_FINDINGS_H
#define LAC_ANALYSIS_FINDINGS_H

#include <lacquer/analysis.h>

#include "analysis/clip_detector.h"

enum { LAC_FINDINGS_GROUPS = 8, LAC_FINDINGS_FRAMES = LAC_FINDINGS_GROUPS * LAC_CLIP_GROUP };

typedef struct LacFindingsMeter {
  const LacMeterKernels *kernels;
  double rate_hz;
  unsigned n_channels;
  float samples[2][LAC_CLIP_CONTEXT + LAC_FINDINGS_FRAMES]; /* the block being filled, after the four before it */
  uint32_t filled;
  uint64_t frame;      /* of the first sample of that block */
  LacFrameSums total;  /* over the file */
  LacFrameSums second; /* over the current second or so */
  uint32_t second_blocks, blocks_per_second;
  uint64_t n_seconds;
  double offset_sum[2], offset_square_sum[2]; /* of the means of those seconds */
  uint64_t n_cancelled_seconds;               /* of those, how many lose most of their energy in mono */
  double least_mono_share;                    /* the worst of them */
  uint64_t least_mono_frame;
  bool is_any_sound; /* above the silence threshold */
  uint64_t first_sound, last_sound;
  bool is_any_difference; /* the channels differ at all */
  LacClipDetector clips[2];
} LacFindingsMeter;

/* A list that grows; `failed` when memory ran out. */
typedef struct LacFindingList {
  LacFinding *items;
  size_t count, capacity;
  bool failed;
} LacFindingList;

void lac_findings_meter_init(LacFindingsMeter *meter, double rate_hz, unsigned n_channels);
/* Planar finite samples, any n_frames. */
void lac_findings_meter_add(LacFindingsMeter *meter, const float *const *channels, uint32_t n_frames);
/* Ends the measurement. `n_nonfinite` samples were no numbers, the first at `nonfinite_frame`. */
void lac_findings_meter_result(LacFindingsMeter *meter, uint64_t n_nonfinite, uint64_t nonfinite_frame,
                               LacFindingList *list);

/* Adds a zeroed finding of this kind with a text of printf form; NULL when out of memory. */
LacFinding *lac_finding_add(LacFindingList *list, LacFindingKind kind, LacSeverity severity, double confidence,
                            const char *format, ...) LAC_PRINTF(5, 6);
/* Drops the derived kinds from `analysis` and derives them anew from what it measured, then sorts. */
LacStatus lac_findings_derive(LacAnalysis *analysis);
/* "1:12.4" or "1:02:12.4". */
enum { LAC_TIME_TEXT_SIZE = 32 };
const char *lac_time_text(double seconds, char text[LAC_TIME_TEXT_SIZE]);

#endif
