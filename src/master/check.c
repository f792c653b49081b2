/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A platform's rules against a measured file. */

#include <lacquer/master.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "core/number.h"

/* What meters may differ by (EBU Tech 3341: 0.1 LU; the wide true-peak detectors: 0.05 dB). */
static const double loudness_tolerance_lu = 0.1;
static const double peak_tolerance_db = 0.05;

typedef struct Verdict {
  bool passed;
  double measured; /* NAN: does not exist */
  double required;
  char found[224]; /* what was found, a sentence without a full stop */
  char limit[64];  /* "allowed: at most -14 LUFS"; empty when the rule is not a limit */
} Verdict;

enum { FIGURE_SIZE = LAC_NUMBER_SIZE + 12 };

static const LacFinding *finding_of(const LacAnalysis *analysis, LacFindingKind kind) {
  for (size_t i = 0; i < analysis->n_findings; i++)
    if (analysis->findings[i].kind == kind)
      return &analysis->findings[i];
  return NULL;
}

/* "-14.0 LUFS", "30 s", "44.1 kHz", "24 bits", "1 channel". */
static const char *figure_text(double value, const char *unit, char buffer[FIGURE_SIZE]) {
  char number[LAC_NUMBER_SIZE];
  bool is_rate = strcmp(unit, "Hz") == 0;
  bool is_count = strcmp(unit, "bit") == 0 || strcmp(unit, "channel") == 0;
  if (is_rate)
    lac_double_text(value / 1000.0, number);
  else
    lac_fixed_text(value, is_count ? 0 : 1, number);
  snprintf(buffer, FIGURE_SIZE, "%s %s%s", number, is_rate ? "kHz" : unit, is_count && value != 1.0 ? "s" : "");
  return buffer;
}

/* "The loudness is -14.0 LUFS"; a count speaks for itself: "24 bits". */
static void say_number(Verdict *verdict, const char *name, double value, const char *unit) {
  char figure[FIGURE_SIZE];
  bool is_count = strcmp(unit, "bit") == 0 || strcmp(unit, "channel") == 0;
  if (!isfinite(value))
    snprintf(verdict->found, sizeof verdict->found, "%s cannot be measured", name);
  else
    snprintf(verdict->found, sizeof verdict->found, "%s%s%s", is_count ? "" : name, is_count ? "" : " is ",
             figure_text(value, unit, figure));
}

/* measured <= limit + tolerance (or >= limit - tolerance); what cannot be measured does not pass. */
static void judge_limit(Verdict *verdict, const char *name, double measured, double limit, bool is_maximum,
                        double tolerance, const char *unit) {
  char number[LAC_NUMBER_SIZE];
  bool is_rate = strcmp(unit, "Hz") == 0;
  bool is_plural = strcmp(unit, "bit") == 0;
  verdict->measured = measured;
  verdict->required = limit;
  verdict->passed = is_maximum ? measured <= limit + tolerance : measured >= limit - tolerance;
  say_number(verdict, name, measured, unit);
  snprintf(verdict->limit, sizeof verdict->limit, "%s %s %s%s", is_maximum ? "allowed: at most" : "needed: at least",
           lac_double_text(is_rate ? limit / 1000.0 : limit, number), is_rate ? "kHz" : unit, is_plural ? "s" : "");
}

static void judge_one_of(Verdict *verdict, const char *name, double measured, const LacRule *rule, const char *unit) {
  verdict->measured = measured;
  verdict->required = rule->n_values == 1 ? rule->values[0] : NAN;
  verdict->passed = false;
  for (size_t i = 0; i < rule->n_values; i++)
    verdict->passed |= measured == rule->values[i];
  say_number(verdict, name, measured, unit);
}

/* The rule holds when the analysis found nothing of this kind. */
static void judge_finding(Verdict *verdict, const LacAnalysis *analysis, LacFindingKind kind, const char *when_none) {
  const LacFinding *finding = finding_of(analysis, kind);
  verdict->passed = finding == NULL;
  verdict->measured = finding ? finding->value : 0.0;
  verdict->required = NAN;
  snprintf(verdict->found, sizeof verdict->found, "%s", finding ? finding->text : when_none);
  size_t length = strlen(verdict->found);
  if (length > 0 && verdict->found[length - 1] == '.')
    verdict->found[length - 1] = '\0';
}

/* A lossy file has no depth: NAN, and words of its own. */
static void judge_depth(Verdict *verdict, const LacMediaInfo *info, const LacRule *rule) {
  double bits = info->is_lossy ? (double)NAN : (double)info->bits;
  if (rule->kind == LAC_RULE_BITS_ONE_OF)
    judge_one_of(verdict, "The depth", bits, rule, "bit");
  else
    judge_limit(verdict, "The depth", bits, rule->values[0], false, 0.0, "bit");
  if (rule->kind == LAC_RULE_BITS_ONE_OF && info->is_float)
    verdict->passed = false;
  if (info->is_lossy)
    snprintf(verdict->found, sizeof verdict->found, "A lossy file (%s) has no depth", info->codec);
}

static void judge_silence(Verdict *verdict, const LacAnalysis *analysis, double limit_s) {
  const LacFinding *head = finding_of(analysis, LAC_FINDING_SILENCE_HEAD);
  const LacFinding *tail = finding_of(analysis, LAC_FINDING_SILENCE_TAIL);
  double head_s = head && isfinite(head->seconds) ? head->seconds : 0.0;
  double tail_s = tail && isfinite(tail->seconds) ? tail->seconds : 0.0;
  judge_limit(verdict, "The longest silence at an end", head_s > tail_s ? head_s : tail_s, limit_s, true, 0.0, "s");
}

static void judge_lossy(Verdict *verdict, const LacAnalyzeResult *file) {
  judge_finding(verdict, &file->analysis, LAC_FINDING_LOSSY, "No edge of a lossy codec was found");
  if (!file->info.is_lossy)
    return;
  verdict->passed = false;
  snprintf(verdict->found, sizeof verdict->found, "The file itself is lossy (%s)", file->info.codec);
}

static void judge(const LacAnalyzeResult *file, const LacRule *rule, Verdict *verdict) {
  const LacAnalysis *analysis = &file->analysis;
  const LacLoudness *loudness = &analysis->loudness;
  double limit = rule->values[0];
  const double lu = loudness_tolerance_lu;
  switch (rule->kind) {
  case LAC_RULE_INTEGRATED_MAX:
    judge_limit(verdict, "The loudness", loudness->integrated_lufs, limit, true, lu, "LUFS");
    break;
  case LAC_RULE_INTEGRATED_MIN:
    judge_limit(verdict, "The loudness", loudness->integrated_lufs, limit, false, lu, "LUFS");
    break;
  case LAC_RULE_TRUE_PEAK_MAX:
    judge_limit(verdict, "The true peak", loudness->true_peak_dbtp, limit, true, peak_tolerance_db, "dBTP");
    break;
  case LAC_RULE_SHORT_TERM_MAX:
    judge_limit(verdict, "The largest short-term loudness", loudness->short_term_max_lufs, limit, true, lu, "LUFS");
    break;
  case LAC_RULE_MOMENTARY_MAX:
    judge_limit(verdict, "The largest momentary loudness", loudness->momentary_max_lufs, limit, true, lu, "LUFS");
    break;
  case LAC_RULE_RATE_ONE_OF:
    judge_one_of(verdict, "The sample rate", file->info.rate_hz, rule, "Hz");
    break;
  case LAC_RULE_RATE_MIN:
    judge_limit(verdict, "The sample rate", file->info.rate_hz, limit, false, 0.0, "Hz");
    break;
  case LAC_RULE_BITS_MIN:
  case LAC_RULE_BITS_ONE_OF:
    judge_depth(verdict, &file->info, rule);
    break;
  case LAC_RULE_CHANNELS:
    judge_one_of(verdict, "The number of channels", file->info.n_channels, rule, "channel");
    break;
  case LAC_RULE_SECONDS_MIN:
    judge_limit(verdict, "The length", (double)analysis->n_frames / analysis->rate_hz, limit, false, 0.0, "s");
    break;
  case LAC_RULE_SILENCE_EDGE_MAX_S:
    judge_silence(verdict, analysis, limit);
    break;
  case LAC_RULE_NO_CLIPPING:
    judge_finding(verdict, analysis, LAC_FINDING_CLIPPED, "No clipped stretches were found");
    break;
  case LAC_RULE_NO_OVERS:
    judge_finding(verdict, analysis, LAC_FINDING_OVERS, "No peak between samples exceeds full scale");
    break;
  case LAC_RULE_NO_DC:
    judge_finding(verdict, analysis, LAC_FINDING_DC, "No DC offset was found");
    break;
  case LAC_RULE_POLARITY:
    judge_finding(verdict, analysis, LAC_FINDING_POLARITY, "The channels do not cancel");
    break;
  case LAC_RULE_NOT_LOSSY:
    judge_lossy(verdict, file);
    break;
  case LAC_RULE_HEADROOM:
    judge_finding(verdict, analysis, LAC_FINDING_HEADROOM, "There is room left for mastering");
    break;
  case LAC_RULE_PLR_MIN:
    judge_limit(verdict, "The distance from loudness to true peak", loudness->plr_lu, limit, false, lu, "dB");
    break;
  case LAC_RULE_KINDS:
    break;
  }
}

/* The rule within a sentence: "True peak at most -1 dBTP: the stream is lossy." -> "true peak at most -1 dBTP (the
 * stream is lossy)". Names written in capitals stay. */
static char *rule_clause(const char *text) {
  size_t length = strlen(text);
  const char *colon = strstr(text, ": ");
  bool is_word = text[0] >= 'A' && text[0] <= 'Z' && (text[1] == ' ' || (text[1] >= 'a' && text[1] <= 'z'));
  char first[2] = {is_word ? (char)(text[0] - 'A' + 'a') : text[0], '\0'};
  length -= length > 0 && text[length - 1] == '.';
  if (length == 0)
    return lac_strdup("");
  if (!colon)
    return lac_format("%s%.*s", first, (int)length - 1, text + 1);
  return lac_format("%s%.*s (%.*s)", first, (int)(colon - text) - 1, text + 1, (int)(text + length - colon) - 2,
                    colon + 2);
}

/* "The loudness is -14.0 LUFS; allowed: at most -14 LUFS." or, missed, "The loudness is -9.0 LUFS. Required: not louder
 * than -14 LUFS (what is louder is turned down again)." */
static char *rule_sentence(const LacRule *rule, const Verdict *verdict) {
  if (verdict->passed)
    return verdict->limit[0] ? lac_format("%s; %s.", verdict->found, verdict->limit)
                             : lac_format("%s.", verdict->found);
  char *clause = rule_clause(rule->text);
  char *sentence = clause ? lac_format("%s. Required: %s.", verdict->found, clause) : NULL;
  lac_free(clause);
  return sentence;
}

static LacStatus add_rule(LacCheckResult *result, const LacRule *rule, const Verdict *verdict) {
  LacRuleResult *into = &result->rules[result->n_rules++];
  snprintf(into->id, sizeof into->id, "%s", rule->id);
  into->passed = verdict->passed;
  into->measured = verdict->measured;
  into->required = verdict->required;
  into->text = rule_sentence(rule, verdict);
  into->source = lac_format("%s (%s)", rule->source, rule->date);
  return into->text && into->source ? LAC_OK : LAC_ERR_MEMORY;
}

LacStatus lac_check(const LacAnalyzeResult *file, const LacPlatform *platform, LacCheckResult *result) {
  memset(result, 0, sizeof *result);
  snprintf(result->platform_id, sizeof result->platform_id, "%s", platform->id);
  snprintf(result->platform_title, sizeof result->platform_title, "%s", platform->title);
  result->passed = true;
  result->playback_gain_db = lac_platform_playback_gain_db(platform, file->analysis.loudness.integrated_lufs,
                                                           file->analysis.loudness.true_peak_dbtp);
  result->rules = lac_calloc(platform->n_rules + 1, sizeof *result->rules);
  LacStatus status = result->rules ? LAC_OK : LAC_ERR_MEMORY;
  for (size_t i = 0; !status && i < platform->n_rules; i++) {
    Verdict verdict = {.measured = NAN, .required = NAN};
    judge(file, &platform->rules[i], &verdict);
    result->passed &= verdict.passed;
    status = add_rule(result, &platform->rules[i], &verdict);
  }
  if (status)
    lac_check_result_free(result);
  return status;
}

void lac_check_result_free(LacCheckResult *result) {
  for (size_t i = 0; i < result->n_rules; i++) {
    lac_free(result->rules[i].text);
    lac_free(result->rules[i].source);
  }
  lac_free(result->rules);
  memset(result, 0, sizeof *result);
}
