/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "analysis/findings.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "core/number.h"
#include "dsp/elementary.h"

static const float SILENCE_PEAK = 2.5e-4F;      /* -72 dBFS: below the noise of any playback at music's level */
static const double HEAD_S = 0.5, TAIL_S = 2.0; /* longer silence is worth a word */
static const double LONG_HEAD_S = 2.0, LONG_TAIL_S = 10.0;
static const double OFFSET_LEAST = 1e-3; /* -60 dBFS */
static const double OFFSET_STRONG = 1e-2;
static const double OFFSET_SIGMAS = 4.0;    /* above the scatter of the means of single seconds */
static const double SAME_SIDE_SHARE = 1e-6; /* side 60 dB under mid: dither apart, one signal */
static const double SILENT_CHANNEL_SHARE = 1e-6;
static const double MONO_SHARE_WARNING = 0.30; /* of the energy left in mono; unrelated channels leave 0.5 */
static const double MONO_SHARE_PROBLEM = 0.10;
static const double CANCELLED_POWER = 1e-4; /* -40 dB: quieter seconds do not matter */
enum { CANCELLED_SECONDS = 3 };             /* so many cancelling seconds are worth a word */

const char *lac_finding_kind_id(LacFindingKind kind) {
  static const char *const ids[LAC_FINDING_KINDS] = {
      "clipped",   "inter_sample_overs", "dc_offset",    "silence_head", "silence_tail", "polarity",
      "dual_mono", "one_sided",          "lossy_source", "headroom",     "non_finite",
  };
  return (unsigned)kind < LAC_FINDING_KINDS ? ids[kind] : "unknown";
}

const char *lac_time_text(double seconds, char text[LAC_TIME_TEXT_SIZE]) {
  const uint64_t tenths = seconds > 0 ? (uint64_t)floor(seconds * 10.0 + 0.5) : 0;
  const unsigned long long s = tenths / 10 % 60, m = tenths / 600 % 60, h = tenths / 36000;
  if (h)
    snprintf(text, LAC_TIME_TEXT_SIZE, "%llu:%02llu:%02llu.%llu", h, m, s, (unsigned long long)tenths % 10);
  else
    snprintf(text, LAC_TIME_TEXT_SIZE, "%llu:%02llu.%llu", m, s, (unsigned long long)tenths % 10);
  return text;
}

LacFinding *lac_finding_add(LacFindingList *list, LacFindingKind kind, LacSeverity severity, double confidence,
                            const char *format, ...) {
  if (list->count == list->capacity) {
    const size_t capacity = list->capacity ? list->capacity * 2 : 8;
    LacFinding *items = lac_realloc(list->items, capacity, sizeof(LacFinding));
    if (!items) {
      list->failed = true;
      return NULL;
    }
    list->items = items;
    list->capacity = capacity;
  }
  LacFinding *finding = &list->items[list->count++];
  *finding = (LacFinding){.kind = kind, .severity = severity, .confidence = confidence, .channel = -1};
  finding->time_s = finding->seconds = NAN;
  va_list args;
  va_start(args, format);
  vsnprintf(finding->text, sizeof(finding->text), format, args);
  va_end(args);
  return finding;
}

void lac_findings_meter_init(LacFindingsMeter *meter, double rate_hz, unsigned n_channels) {
  memset(meter, 0, sizeof(*meter));
  meter->kernels = lac_meter_kernels_at(lac_cpu_level());
  meter->rate_hz = rate_hz;
  meter->n_channels = n_channels;
  meter->blocks_per_second = (uint32_t)floor(rate_hz / LAC_FINDINGS_FRAMES + 0.5);
  for (unsigned c = 0; c < n_channels; c++)
    lac_clip_detector_init(&meter->clips[c]);
}

static void add_sums(LacFrameSums *into, const LacFrameSums *sums) {
  into->left += sums->left;
  into->right += sums->right;
  into->left_squared += sums->left_squared;
  into->right_squared += sums->right_squared;
  into->product += sums->product;
}

/* Share of the energy that is left when both channels play their mean. */
static double mono_share(const LacFrameSums *sums) {
  const double both = sums->left_squared + sums->right_squared, mid = both + 2 * sums->product;
  return both > 0 && mid > 0 ? mid / (2 * both) : 0;
}

static void look_for_cancelling(LacFindingsMeter *meter, double n_frames) {
  const LacFrameSums *second = &meter->second;
  const double share = mono_share(second);
  if (meter->n_channels < 2 || second->left_squared + second->right_squared < 2 * n_frames * CANCELLED_POWER ||
      share >= MONO_SHARE_PROBLEM)
    return;
  if (!meter->n_cancelled_seconds++ || share < meter->least_mono_share) {
    meter->least_mono_share = share;
    meter->least_mono_frame = meter->frame + LAC_FINDINGS_FRAMES - (uint64_t)n_frames;
  }
}

static void end_second(LacFindingsMeter *meter) {
  const double n = (double)meter->second_blocks * LAC_FINDINGS_FRAMES;
  const double means[2] = {meter->second.left / n, meter->second.right / n};
  for (int c = 0; c < 2; c++) {
    meter->offset_sum[c] += means[c];
    meter->offset_square_sum[c] += means[c] * means[c];
  }
  look_for_cancelling(meter, n);
  meter->n_seconds++;
  meter->second_blocks = 0;
  memset(&meter->second, 0, sizeof(meter->second));
}

static void look_for_sound(LacFindingsMeter *meter, uint32_t n) {
  for (unsigned c = 0; c < meter->n_channels; c++) {
    const float *x = meter->samples[c] + LAC_CLIP_CONTEXT;
    float low = 0, high = 0;
    meter->kernels->range(x, n, &low, &high);
    if (high <= SILENCE_PEAK && -low <= SILENCE_PEAK)
      continue;
    uint32_t first = 0, last = n - 1;
    while (fabsf(x[first]) <= SILENCE_PEAK)
      first++;
    while (fabsf(x[last]) <= SILENCE_PEAK)
      last--;
    if (!meter->is_any_sound || meter->frame + first < meter->first_sound)
      meter->first_sound =
          meter->is_any_sound && meter->first_sound < meter->frame ? meter->first_sound : meter->frame + first;
    if (!meter->is_any_sound || meter->frame + last > meter->last_sound)
      meter->last_sound = meter->frame + last;
    meter->is_any_sound = true;
  }
}

static void process(LacFindingsMeter *meter, uint32_t n) {
  const float *left = meter->samples[0] + LAC_CLIP_CONTEXT;
  const float *right = meter->n_channels > 1 ? meter->samples[1] + LAC_CLIP_CONTEXT : left;
  LacFrameSums sums;
  meter->kernels->frame_sums(left, right, n, &sums);
  add_sums(&meter->total, &sums);
  add_sums(&meter->second, &sums);
  if (++meter->second_blocks == meter->blocks_per_second && n == LAC_FINDINGS_FRAMES)
    end_second(meter);
  look_for_sound(meter, n);
  if (!meter->is_any_difference && memcmp(left, right, n * sizeof(float)) != 0)
    meter->is_any_difference = true;
  for (unsigned c = 0; c < meter->n_channels; c++) {
    for (uint32_t done = 0; done < n; done += LAC_CLIP_GROUP)
      lac_clip_detector_group(&meter->clips[c], meter->samples[c] + done,
                              n - done < LAC_CLIP_GROUP ? n - done : LAC_CLIP_GROUP);
    memmove(meter->samples[c], meter->samples[c] + n, LAC_CLIP_CONTEXT * sizeof(float));
  }
  meter->frame += n;
  meter->filled = 0;
}

void lac_findings_meter_add(LacFindingsMeter *meter, const float *const *channels, uint32_t n_frames) {
  for (uint32_t done = 0; done < n_frames;) {
    const uint32_t space = LAC_FINDINGS_FRAMES - meter->filled;
    const uint32_t n = n_frames - done < space ? n_frames - done : space;
    for (unsigned c = 0; c < meter->n_channels; c++)
      memcpy(meter->samples[c] + LAC_CLIP_CONTEXT + meter->filled, channels[c] + done, n * sizeof(float));
    meter->filled += n;
    done += n;
    if (meter->filled == LAC_FINDINGS_FRAMES)
      process(meter, LAC_FINDINGS_FRAMES);
  }
}

static const char *channel_words(int channel) {
  return channel == 0 ? " in the left channel" : channel == 1 ? " in the right channel" : "";
}

static void find_clipping(LacFindingsMeter *meter, LacFindingList *list) {
  LacClipResult both = {0};
  int channel = -2;
  for (unsigned c = 0; c < meter->n_channels; c++) {
    const LacClipResult one = lac_clip_detector_result(&meter->clips[c]);
    if (!one.runs)
      continue;
    channel = channel == -2 ? (int)c : -1;
    both.runs += one.runs;
    both.frames += one.frames;
    both.confidence = one.confidence > both.confidence ? one.confidence : both.confidence;
    if (one.longest > both.longest) {
      both.longest = one.longest;
      both.longest_start = one.longest_start;
    }
  }
  if (!both.runs)
    return;
  if (meter->n_channels == 1)
    channel = -1;
  const double minutes = (double)meter->frame / meter->rate_hz / 60.0;
  const double longest_ms = both.longest / meter->rate_hz * 1000.0;
  const bool is_bad = longest_ms >= 1.0 || (double)both.runs / (minutes > 0.1 ? minutes : 0.1) >= 30.0;
  char ms[LAC_NUMBER_SIZE], at[LAC_TIME_TEXT_SIZE];
  const double time_s = (double)both.longest_start / meter->rate_hz;
  LacFinding *finding = lac_finding_add(
      list, LAC_FINDING_CLIPPED, is_bad ? LAC_SEVERITY_PROBLEM : LAC_SEVERITY_WARNING, both.confidence,
      "%llu clipped stretch%s%s, the longest %s ms at %s. A version without clipping will sound better.",
      (unsigned long long)both.runs, both.runs == 1 ? "" : "es", channel_words(channel),
      lac_fixed_text(longest_ms, 2, ms), lac_time_text(time_s, at));
  if (!finding)
    return;
  finding->channel = channel;
  finding->count = both.runs;
  finding->value = (double)both.runs;
  finding->seconds = (double)both.frames / meter->rate_hz;
  finding->time_s = time_s;
}

/* A bass note that does not end with a whole period has a mean too; an offset is a mean that stays the same from one
 * second to the next. */
static bool offset_of_channel(const LacFindingsMeter *meter, unsigned channel, double *offset) {
  const double n = (double)meter->n_seconds;
  if (meter->n_seconds < 3)
    return false;
  *offset = meter->offset_sum[channel] / n;
  const double variance = meter->offset_square_sum[channel] / n - *offset * *offset;
  const double scatter = sqrt((variance > 0 ? variance : 0) / n);
  return fabs(*offset) >= OFFSET_LEAST && fabs(*offset) > OFFSET_SIGMAS * scatter;
}

static void find_offset(const LacFindingsMeter *meter, LacFindingList *list) {
  double offsets[2] = {0, 0}, largest = 0;
  int channel = -2;
  for (unsigned c = 0; c < meter->n_channels; c++) {
    if (!offset_of_channel(meter, c, &offsets[c]))
      continue;
    channel = channel == -2 ? (int)c : -1;
    largest = fabs(offsets[c]) > fabs(largest) ? offsets[c] : largest;
  }
  if (channel == -2)
    return;
  channel = meter->n_channels == 1 ? -1 : channel;
  char percent[LAC_NUMBER_SIZE], db[LAC_NUMBER_SIZE];
  LacFinding *finding = lac_finding_add(
      list, LAC_FINDING_DC, fabs(largest) >= OFFSET_STRONG ? LAC_SEVERITY_WARNING : LAC_SEVERITY_INFO, 0.95,
      "A constant offset of %s %% of full scale (%s dBFS)%s takes headroom and can click at the ends.",
      lac_fixed_text(largest * 100.0, 2, percent), lac_fixed_text(lac_db_from_gain(largest), 1, db),
      channel_words(channel));
  if (!finding)
    return;
  finding->channel = channel;
  finding->value = largest;
}

static void find_silence(const LacFindingsMeter *meter, LacFindingList *list) {
  if (!meter->is_any_sound)
    return;
  char text[LAC_NUMBER_SIZE];
  const double length_s = (double)meter->frame / meter->rate_hz;
  const double head_s = (double)meter->first_sound / meter->rate_hz;
  const double tail_s = length_s - (double)(meter->last_sound + 1) / meter->rate_hz;
  if (head_s >= HEAD_S) {
    LacFinding *finding = lac_finding_add(
        list, LAC_FINDING_SILENCE_HEAD, head_s >= LONG_HEAD_S ? LAC_SEVERITY_WARNING : LAC_SEVERITY_INFO, 1.0,
        "%s s of silence (below -72 dBFS) before the music.", lac_fixed_text(head_s, 1, text));
    if (finding) {
      finding->time_s = 0;
      finding->seconds = finding->value = head_s;
    }
  }
  if (tail_s >= TAIL_S) {
    LacFinding *finding = lac_finding_add(
        list, LAC_FINDING_SILENCE_TAIL, tail_s >= LONG_TAIL_S ? LAC_SEVERITY_WARNING : LAC_SEVERITY_INFO, 1.0,
        "%s s of silence (below -72 dBFS) after the music.", lac_fixed_text(tail_s, 1, text));
    if (finding) {
      finding->time_s = length_s - tail_s;
      finding->seconds = finding->value = tail_s;
    }
  }
}

static bool find_one_sided(const LacFindingsMeter *meter, LacFindingList *list) {
  const double left = meter->total.left_squared, right = meter->total.right_squared;
  const bool left_missing = left < right * SILENT_CHANNEL_SHARE, right_missing = right < left * SILENT_CHANNEL_SHARE;
  if (!left_missing && !right_missing)
    return false;
  const double quiet = left_missing ? left : right, loud = left_missing ? right : left;
  LacFinding *finding = lac_finding_add(list, LAC_FINDING_ONE_SIDED, LAC_SEVERITY_PROBLEM, 1.0,
                                        "The %s channel is silent. If the song is meant to be mono, export it as mono.",
                                        left_missing ? "left" : "right");
  if (finding) {
    finding->channel = left_missing ? 0 : 1;
    finding->value = quiet > 0 ? lac_db_from_power(quiet / loud) : -INFINITY;
  }
  return true;
}

static double mono_loss_db(double share) {
  return share > 1e-10 ? -lac_db_from_power(share) : 100.0;
}

static void find_cancelling(const LacFindingsMeter *meter, LacFindingList *list) {
  const double share = mono_share(&meter->total);
  const bool is_whole = share < MONO_SHARE_WARNING;
  char loss[LAC_NUMBER_SIZE], at[LAC_TIME_TEXT_SIZE];
  const double time_s = (double)meter->least_mono_frame / meter->rate_hz;
  LacFinding *finding = NULL;
  if (is_whole)
    finding = lac_finding_add(
        list, LAC_FINDING_POLARITY, share < MONO_SHARE_PROBLEM ? LAC_SEVERITY_PROBLEM : LAC_SEVERITY_WARNING,
        share < MONO_SHARE_PROBLEM ? 0.95 : 0.7,
        "The channels cancel: %s dB are lost in mono. One channel may have its polarity reversed.",
        lac_fixed_text(mono_loss_db(share), 1, loss));
  else if (meter->n_cancelled_seconds >= CANCELLED_SECONDS)
    finding =
        lac_finding_add(list, LAC_FINDING_POLARITY, LAC_SEVERITY_WARNING, 0.7,
                        "The channels cancel for %llu s in all: up to %s dB are lost in mono, most at %s.",
                        (unsigned long long)meter->n_cancelled_seconds,
                        lac_fixed_text(mono_loss_db(meter->least_mono_share), 1, loss), lac_time_text(time_s, at));
  if (!finding)
    return;
  finding->value = mono_loss_db(is_whole ? share : meter->least_mono_share);
  finding->count = meter->n_cancelled_seconds;
  if (!is_whole) {
    finding->time_s = time_s;
    finding->seconds = (double)meter->n_cancelled_seconds;
  }
}

static void find_image(const LacFindingsMeter *meter, LacFindingList *list) {
  const LacFrameSums *total = &meter->total;
  const double both = total->left_squared + total->right_squared;
  if (meter->n_channels < 2 || !meter->is_any_sound || !(both > 0) || find_one_sided(meter, list))
    return;
  const double mid = both + 2 * total->product, side = both - 2 * total->product; /* four times each */
  if (!meter->is_any_difference || side < mid * SAME_SIDE_SHARE) {
    LacFinding *finding =
        lac_finding_add(list, LAC_FINDING_MONO, LAC_SEVERITY_INFO, meter->is_any_difference ? 0.95 : 1.0,
                        "Both channels carry the same signal: the file is mono in two channels.");
    if (finding)
      finding->value = side > 0 ? lac_db_from_power(side / mid) : -INFINITY;
    return;
  }
  find_cancelling(meter, list);
}

static void find_nonfinite(const LacFindingsMeter *meter, uint64_t count, uint64_t frame, LacFindingList *list) {
  if (!count)
    return;
  char at[LAC_TIME_TEXT_SIZE];
  const double time_s = (double)frame / meter->rate_hz;
  LacFinding *finding =
      lac_finding_add(list, LAC_FINDING_NONFINITE, LAC_SEVERITY_PROBLEM, 1.0,
                      "%llu sample%s not a number (NaN or infinity), the first at %s; counted as silence.",
                      (unsigned long long)count, count == 1 ? " is" : "s are", lac_time_text(time_s, at));
  if (!finding)
    return;
  finding->time_s = time_s;
  finding->count = count;
  finding->value = (double)count;
}

void lac_findings_meter_result(LacFindingsMeter *meter, uint64_t n_nonfinite, uint64_t nonfinite_frame,
                               LacFindingList *list) {
  if (meter->filled)
    process(meter, meter->filled);
  find_clipping(meter, list);
  find_offset(meter, list);
  find_silence(meter, list);
  find_image(meter, list);
  find_nonfinite(meter, n_nonfinite, nonfinite_frame, list);
}
