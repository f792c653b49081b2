/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Songs brought to their targets: levels, limits and what is said of them, and the model that foretells them. */

#include <lacquer/assistant.h>

#include "assistant/gated_loudness.h"
#include "assistant/limiter_model.h"
#include "assistant/limiting_outlook.h"
#include "assistant/recipe_edit.h"
#include "assistant/test/assistant_fixture.h"
#include "assistant/test/song_file.h"
#include "core/test/check.h"
#include "dsp/elementary.h"
#include "dsp/true_peak.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One song through decide and solve. */
typedef struct Run {
  const char *song;
  double lufs;
  double dbtp;
  double max_limiting_db;
  const char *setting; /* --set, or NULL */
  unsigned bits;
  uint32_t rate_hz;
  const char *behind; /* --set of a gain behind the limiter, or NULL */
} Run;

typedef struct Outcome {
  LacStatus status;
  LacSolveResult solved;
  LacAnalysis input;
  LacRecipe *recipe;
  LacNotes notes;
  LacError error;
  double judged_dbtp;
  double written_lufs;
} Outcome;

/* The judge over what a reader gets, and the meter over the same. */
static void judge_file(const char *path, Outcome *outcome) {
  LacAnalysis analysis = {0};
  LacSource *source = test_open_song(path, &outcome->notes);
  assert_int_equal(lac_measure_source(source, LAC_MEASURE_LOUDNESS, "verify", NULL, &analysis, &outcome->notes, NULL),
                   LAC_OK);
  outcome->written_lufs = analysis.loudness.integrated_lufs;
  assert_int_equal(lac_source_rewind(source, NULL), LAC_OK);
  size_t n = (size_t)analysis.n_frames;
  float *memory = calloc(2 * (n + 1), sizeof *memory);
  assert_non_null(memory);
  uint32_t n_read = 1;
  for (size_t at = 0; at < n && n_read > 0; at += n_read) {
    float *channels[2] = {memory + at, memory + n + at};
    uint32_t most = (uint32_t)(n - at < 4096 ? n - at : 4096);
    assert_int_equal(lac_source_read(source, channels, most, &n_read, &outcome->notes, NULL), LAC_OK);
  }
  const size_t n_judged = n / (test_is_short() ? 20 : 1); /* the judge is slow under a sanitizer */
  double peak = lac_true_peak_judge(memory, n_judged);
  if (analysis.n_channels > 1)
    peak = fmax(peak, lac_true_peak_judge(memory + n, n_judged));
  outcome->judged_dbtp = lac_db_from_gain(peak);
  free(memory);
  lac_analysis_free(&analysis);
  lac_source_close(source);
}

static Outcome solve(const Run *run) {
  Outcome outcome = {.judged_dbtp = NAN, .written_lufs = NAN};
  LacAssistantOptions options = {.strength_percent = 0, .max_limiting_db = run->max_limiting_db};
  LacSource *source = test_open_song(run->song, &outcome.notes);
  LacRenderResult render = {0};
  LacSink *sink = NULL;
  LacRecipeTarget target = {run->lufs, run->dbtp};
  assert_int_equal(lac_measure_source(source, LAC_MEASURE_ALL | LAC_MEASURE_LIMITING, "analyse", NULL, &outcome.input,
                                      &outcome.notes, NULL),
                   LAC_OK);
  assert_int_equal(lac_recipe_new(&outcome.recipe), LAC_OK);
  assert_int_equal(lac_recipe_set_target(outcome.recipe, target, LAC_SET_BY_PERSON, NULL), LAC_OK);
  LacRecipeOutput output = lac_recipe_output(outcome.recipe);
  output.bits = run->bits ? run->bits : 24;
  output.rate_hz = run->rate_hz;
  lac_recipe_set_output(outcome.recipe, output);
  if (run->setting)
    assert_int_equal(lac_recipe_set_text(outcome.recipe, run->setting, LAC_SET_BY_PERSON, &outcome.error), LAC_OK);
  assert_int_equal(lac_assistant_decide(lac_source_info(source), &outcome.input, &options, outcome.recipe,
                                        &outcome.notes, &outcome.error),
                   LAC_OK);
  if (run->behind) {
    size_t entry = lac_recipe_entry_count(outcome.recipe);
    assert_int_equal(lac_edit_entry(outcome.recipe, "gain", "behind", entry, &entry), LAC_OK);
    assert_int_equal(lac_recipe_set_text(outcome.recipe, run->behind, LAC_SET_BY_PERSON, &outcome.error), LAC_OK);
  }
  outcome.status = lac_assistant_solve(source, &outcome.input, outcome.recipe, &options, song_path("out.wav"), true,
                                       LAC_CONTAINER_WAV, LAC_MEASURE_TRUE_PEAK, NULL, &sink, &render, &outcome.solved,
                                       &outcome.notes, &outcome.error);
  if (outcome.status == LAC_OK) {
    assert_int_equal(lac_sink_commit(sink, NULL), LAC_OK);
    judge_file(song_path("out.wav"), &outcome);
  }
  lac_render_result_free(&render);
  lac_source_close(source);
  return outcome;
}

static void outcome_free(Outcome *outcome) {
  lac_analysis_free(&outcome->input);
  lac_recipe_free(outcome->recipe);
  lac_notes_free(&outcome->notes);
}

static void check_met(const Run *run) {
  Outcome outcome = solve(run);
  if (outcome.status)
    fail_msg("%s", outcome.error.text);
  if (!outcome.solved.is_met || outcome.solved.is_limited || fabs(outcome.written_lufs - run->lufs) > 0.05 ||
      outcome.judged_dbtp > run->dbtp + 0.03 || outcome.solved.n_renders > 2)
    fail_msg("%s to %g LUFS: %.3f LUFS, judged %.3f dBTP, %u renders", run->song, run->lufs, outcome.written_lufs,
             outcome.judged_dbtp, outcome.solved.n_renders);
  assert_true(fabs(outcome.solved.integrated_lufs - outcome.written_lufs) < 0.005);
  outcome_free(&outcome);
}

static void test_targets(void **state) {
  (void)state;
  static const double targets[] = {-9, -11, -14, -23};
  for (size_t i = 0; i < test_at_most(sizeof targets / sizeof targets[0]); i++) {
    Run quiet = {.song = song_path("soft.wav"), .lufs = targets[i], .dbtp = -1, .max_limiting_db = 15};
    check_met(&quiet);
    Run loud = {.song = song_path("loud.wav"), .lufs = targets[i], .dbtp = -1, .max_limiting_db = 15};
    check_met(&loud);
  }
  Run cd = {
      .song = song_path("rate48.wav"), .lufs = -10, .dbtp = -0.3, .max_limiting_db = 15, .bits = 16, .rate_hz = 44100};
  check_met(&cd);
  Run mono = {.song = song_path("mono.wav"), .lufs = -14, .dbtp = -2, .max_limiting_db = 15, .bits = 32};
  check_met(&mono);
}

static double value_of(const Outcome *outcome, const char *processor, const char *id, const char *param) {
  size_t entry = lac_edit_find(outcome->recipe, processor, id);
  return entry == SIZE_MAX ? 0.0 : lac_edit_value(outcome->recipe, entry, param);
}

static size_t decision_on(const LacRecipe *recipe, const char *processor, const char *param) {
  for (size_t d = 0; d < lac_recipe_decision_count(recipe); d++) {
    const LacDecision decision = lac_recipe_decision(recipe, d);
    if (!strcmp(decision.processor, processor) && !strcmp(decision.parameter, param))
      return d;
  }
  fail_msg("no decision on %s.%s", processor, param);
  return SIZE_MAX;
}

/* Without limiting: plain gain, one render, and a louder input is turned down. */
static void test_plain_gain(void **state) {
  (void)state;
  Run run = {.song = song_path("loud.wav"), .lufs = -23, .dbtp = -1, .max_limiting_db = 8};
  Outcome outcome = solve(&run);
  assert_int_equal(outcome.status, LAC_OK);
  assert_int_equal(outcome.solved.n_renders, 1);
  assert_true(value_of(&outcome, "gain", "level", "db") < -3.0);
  assert_true(value_of(&outcome, "limiter", NULL, "drive_db") == 0.0);
  assert_true(outcome.solved.limiting_p95_db == 0.0);
  const LacRecipe *recipe = outcome.recipe; /* an idle limiter is one thought, and the last */
  const size_t drive = decision_on(recipe, "limiter", "drive_db"), count = lac_recipe_decision_count(recipe);
  size_t speaker;
  assert_int_equal(drive + 4, count);
  assert_int_equal(lac_recipe_decision_group(recipe, drive, &speaker), count);
  assert_string_equal(lac_recipe_decision(recipe, drive).reason, "Not driven: the level needs no limiting.");
  outcome_free(&outcome);
}

/* Turned down, and yet peaks stand over a low ceiling: that is not called idle. */
static void test_held_peaks(void **state) {
  (void)state;
  Run run = {.song = song_path("loud.wav"), .lufs = -23, .dbtp = -16, .max_limiting_db = 20};
  Outcome outcome = solve(&run);
  assert_int_equal(outcome.status, LAC_OK);
  assert_true(value_of(&outcome, "gain", "level", "db") < -3.0);
  assert_true(value_of(&outcome, "limiter", NULL, "drive_db") == 0.0);
  assert_true(outcome.solved.limiting_p95_db > 0.0);
  const LacRecipe *recipe = outcome.recipe;
  const size_t drive = decision_on(recipe, "limiter", "drive_db");
  const LacDecision decision = lac_recipe_decision(recipe, drive);
  assert_non_null(strstr(decision.reason, "holds down the peaks"));
  assert_non_null(strstr(decision.evidence, "Predicted limiting"));
  assert_int_equal(decision_on(recipe, "limiter", "solver"), drive + 1); /* the general ones follow, in full */
  assert_non_null(strstr(lac_recipe_decision(recipe, drive + 1).reason, "whole song"));
  outcome_free(&outcome);
}

static void test_max_limiting(void **state) {
  (void)state;
  Run run = {.song = song_path("soft.wav"), .lufs = -5, .dbtp = -1, .max_limiting_db = 2};
  Outcome outcome = solve(&run);
  assert_int_equal(outcome.status, LAC_OK);
  assert_true(outcome.solved.is_limited && !outcome.solved.is_met);
  assert_true(outcome.written_lufs < -5.05);
  assert_true(outcome.judged_dbtp <= -0.97);
  if (outcome.solved.limiting_p95_db > 2.3 || outcome.solved.limiting_p95_db < 1.2)
    fail_msg("allowed 2 dB, used %.2f dB", outcome.solved.limiting_p95_db);
  assert_true(lac_notes_has(&outcome.notes, "TARGET_LIMITED"));
  const char *text = outcome.notes.items[outcome.notes.count - 1].text;
  assert_non_null(strstr(text, "Asked for -5.0 LUFS, reached -"));
  assert_non_null(strstr(text, "the allowed 2.0 dB of limiting"));
  double bounded = outcome.written_lufs;
  outcome_free(&outcome);
  run.max_limiting_db = 4; /* more allowance, more level */
  outcome = solve(&run);
  assert_true(outcome.written_lufs > bounded + 0.5);
  outcome_free(&outcome);
}

/* What a person set is never moved, and then nothing is solved. */
static void test_persons_drive_and_ceiling(void **state) {
  (void)state;
  Run run = {.song = song_path("quiet.wav"),
             .lufs = -14,
             .dbtp = -1,
             .max_limiting_db = 8,
             .setting = "limiter.drive_db=3.25"};
  Outcome outcome = solve(&run);
  assert_int_equal(outcome.status, LAC_OK);
  assert_int_equal(outcome.solved.n_renders, 1);
  assert_true(value_of(&outcome, "limiter", NULL, "drive_db") == 3.25);
  assert_false(outcome.solved.is_met);
  outcome_free(&outcome);
  run.setting = "limiter.ceiling_dbtp=-6";
  outcome = solve(&run);
  assert_int_equal(outcome.status, LAC_OK);
  assert_true(value_of(&outcome, "limiter", NULL, "ceiling_dbtp") == -6.0);
  assert_true(outcome.judged_dbtp <= -5.95 && fabs(outcome.written_lufs + 14) <= 0.05);
  outcome_free(&outcome);
}

/* No loudness target: loudness is left alone, the ceiling is kept. */
static void test_no_loudness_target(void **state) {
  (void)state;
  Run run = {.song = song_path("loud.wav"), .lufs = NAN, .dbtp = -3, .max_limiting_db = 8};
  Outcome outcome = solve(&run);
  assert_int_equal(outcome.status, LAC_OK);
  assert_true(outcome.solved.is_met && outcome.solved.n_renders == 1);
  assert_true(value_of(&outcome, "gain", "level", "db") == 0.0);
  assert_true(value_of(&outcome, "limiter", NULL, "drive_db") == 0.0);
  assert_true(outcome.judged_dbtp <= -2.97);
  outcome_free(&outcome);
}

static void test_unmeasurable(void **state) {
  (void)state;
  static const char *const names[] = {"short.wav", "faint.wav"};
  for (int i = 0; i < 2; i++) {
    Run run = {.song = song_path(names[i]), .lufs = -14, .dbtp = -1, .max_limiting_db = 8};
    Outcome outcome = solve(&run);
    assert_int_equal(outcome.status, LAC_OK);
    assert_true(!outcome.solved.is_met && !outcome.solved.is_limited);
    assert_true(lac_notes_has(&outcome.notes, "LEVEL_ONLY"));
    assert_true(outcome.judged_dbtp <= -0.97);
    assert_true(value_of(&outcome, "gain", "level", "db") <= 24.0);
    outcome_free(&outcome);
  }
}

static void test_switched_off_limiter(void **state) {
  (void)state;
  LacNotes notes = {0};
  LacRecipe *recipe = NULL;
  size_t limiter;
  assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
  assert_int_equal(lac_edit_entry(recipe, "limiter", NULL, SIZE_MAX, &limiter), LAC_OK);
  lac_recipe_enable(recipe, limiter, false);
  const LacSolveResult solved = test_predict_song(song_path("quiet.wav"), recipe, (LacRecipeTarget){-9, -1}, &notes);
  assert_true(solved.is_limited && !solved.is_met);
  assert_true(solved.predicted_lufs < -9.5);
  lac_recipe_free(recipe);
  lac_notes_free(&notes);
}

/* The model's parts against what they stand for. */
static void check_model(const LacAnalysis *analysis, const LacLimiterForm *form) {
  LacLimiterModel *model = NULL;
  double lufs = analysis->loudness.integrated_lufs;
  assert_int_equal(lac_limiter_model_new(&analysis->control, lufs, form, &model), LAC_OK);
  double peak_db = lac_limiter_model_peak_db(model);
  LacLimiterPrediction none = lac_limiter_model_predict(model, 4.0, peak_db + 4.001);
  assert_true(fabs(none.lufs - (lufs + 4.0)) < 1e-6 && none.p95_db == 0.0 && none.limited_fraction == 0.0);
  double last = none.lufs;
  for (double drive = 6; drive < 24; drive += 2) { /* louder with drive, by ever less; ever more limiting */
    LacLimiterPrediction there = lac_limiter_model_predict(model, drive, peak_db + 4.0);
    assert_true(there.lufs > last && there.lufs < lufs + drive);
    assert_true(fabs(there.maximum_db - (drive - 4.0)) < 0.01);
    last = there.lufs;
  }
  lac_limiter_model_free(model);
}

/* The quiet song, with what the model and the outlook read of it. */
static LacAnalysis measure_quiet(void) {
  LacNotes notes = {0};
  LacAnalysis analysis = {0};
  LacSource *source = test_open_song(song_path("quiet.wav"), &notes);
  assert_int_equal(
      lac_measure_source(source, LAC_MEASURE_LOUDNESS | LAC_MEASURE_LIMITING, "analyse", NULL, &analysis, &notes, NULL),
      LAC_OK);
  lac_source_close(source);
  lac_notes_free(&notes);
  return analysis;
}

static void test_model(void **state) {
  (void)state;
  static const LacLimiterForm forms[] = {
      {.lookahead_ms = 2.5, .release_ms = 2},
      {.is_offline = true,
       .weights = {.kinds = {{0.6, 0.3}, {3, 0.4}}, .n_kinds = 2, .most_drift_db = 0.45},
       .link = 0.5},
      {.is_offline = true, .weights = {.kinds = {{6, 1.5}}, .n_kinds = 1, .most_drift_db = 0.45}, .link = 1},
  };
  LacAnalysis analysis = measure_quiet();
  for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
    check_model(&analysis, &forms[i]);
  lac_analysis_free(&analysis);
}

/* The first render comes out as predicted: with every form of the limiter, far into limiting. */
static void test_prediction(void **state) {
  (void)state;
  static const char *const settings[] = {NULL, "limiter.link_percent=100", "limiter.character=punchy"};
  static const double nearest_lu[] = {0.1, 0.1, 0.2};
  for (size_t i = 0; i < test_at_most(sizeof settings / sizeof settings[0]); i++)
    for (size_t k = 0; k < test_at_most(3); k++) {
      const double lufs = -12 + 2 * (double)k;
      Run run = {.song = song_path("quiet.wav"), .lufs = lufs, .dbtp = -1, .max_limiting_db = 20};
      run.setting = settings[i];
      Outcome outcome = solve(&run);
      assert_int_equal(outcome.status, LAC_OK);
      if (!(fabs(outcome.solved.first_lufs - outcome.solved.predicted_lufs) <= nearest_lu[i]))
        fail_msg("%s to %g LUFS: predicted %.3f, rendered %.3f", settings[i] ? settings[i] : "defaults", lufs,
                 outcome.solved.predicted_lufs, outcome.solved.first_lufs);
      outcome_free(&outcome);
    }
}

/* A level behind the limiter is found out and allowed for; that it may lift peaks over the ceiling is said. */
static void test_level_behind_limiter(void **state) {
  (void)state;
  const char *const settings[] = {"behind.db=1.5", "behind.db=-1.5"};
  for (size_t i = 0; i < test_at_most(2); i++) {
    Outcome outcome = solve(&(Run){song_path("quiet.wav"), -9, -1, 15, .bits = 32, .behind = settings[i]});
    assert_int_equal(outcome.status, LAC_OK);
    assert_true(fabs(outcome.written_lufs + 9) <= 0.05);
    assert_int_equal(lac_notes_has(&outcome.notes, "LIMITER_NOT_LAST"), i == 0);
    outcome_free(&outcome);
  }
}

/* What is foreseen before anything is decided: nothing without a target, a limiter or a need; else near what a render
 * then shows. */
static void test_outlook(void **state) {
  (void)state;
  Run run = {.song = song_path("quiet.wav"), .lufs = -9, .dbtp = -1, .max_limiting_db = 20};
  Outcome outcome = solve(&run);
  assert_int_equal(outcome.status, LAC_OK);
  double rendered_db = outcome.solved.limiting_p95_db;
  outcome_free(&outcome);

  LacAnalysis analysis = measure_quiet();
  LacRecipe *recipe = NULL;
  double p95_db;
  assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
  assert_int_equal(lac_recipe_set_target(recipe, (LacRecipeTarget){-9, -1}, LAC_SET_BY_PERSON, NULL), LAC_OK);
  assert_int_equal(lac_limiting_outlook(&analysis, recipe, &p95_db), LAC_OK);
  assert_true(p95_db == 0.0); /* no limiter */
  test_choose_limiter(recipe, LAC_QUALITY_STANDARD);
  assert_int_equal(lac_limiting_outlook(&analysis, recipe, &p95_db), LAC_OK);
  if (!(rendered_db > 1.0 && fabs(p95_db - rendered_db) < 0.5))
    fail_msg("foreseen %.2f dB, rendered %.2f dB", p95_db, rendered_db);
  assert_int_equal(lac_recipe_set_target(recipe, (LacRecipeTarget){NAN, -1}, LAC_SET_BY_PERSON, NULL), LAC_OK);
  assert_int_equal(lac_limiting_outlook(&analysis, recipe, &p95_db), LAC_OK);
  assert_true(p95_db == 0.0);
  lac_recipe_free(recipe);
  lac_analysis_free(&analysis);
}

static void test_gated_loudness(void **state) {
  (void)state;
  double energies[100];
  for (int i = 0; i < 100; i++) /* 1 s at -20, the rest 30 dB lower: gated away but for three blocks' edges */
    energies[i] = 4410.0 * (i < 50 ? 0.01 : 0.00001);
  double lufs = lac_gated_lufs(energies, 50, 4410.0);
  assert_true(fabs(lufs - (-0.691 - 20.0)) < 1e-9);
  double gated = lac_gated_lufs(energies, 100, 4410.0);
  assert_true(gated < lufs && gated > lufs - 0.2); /* ungated it would be 3 dB lower */
  assert_true(isnan(lac_gated_lufs(energies, 3, 4410.0)));
  for (int i = 0; i < 100; i++)
    energies[i] = 4410.0 * 1e-8;
  assert_true(isnan(lac_gated_lufs(energies, 100, 4410.0)));
}

static void test_percentile(void **state) {
  (void)state;
  float gains[200];
  for (int i = 0; i < 200; i++)
    gains[i] = i < 100 ? 0.0f : -(float)(i - 99) * 0.1f; /* half idle; the rest 0.1 .. 10 dB */
  assert_true(fabs(lac_limiting_p95_db(gains, 200) - 9.5) < 0.11);
  assert_true(lac_limiting_p95_db(gains, 100) == 0.0);
  assert_true(lac_limiting_p95_db(gains, 0) == 0.0);
}

static void test_cancel(void **state) {
  (void)state;
  LacCancel cancel;
  atomic_init(&cancel.requested, true);
  LacJobControl control = {.cancel = &cancel};
  LacAssistantOptions options = {.strength_percent = 0, .max_limiting_db = 8};
  LacNotes notes = {0};
  LacError error = {0};
  LacSolveResult solved;
  LacRenderResult render;
  LacSink *sink = NULL;
  LacRecipe *recipe = NULL;
  LacSource *source = test_open_song(song_path("quiet.wav"), &notes);
  assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
  assert_int_equal(lac_recipe_set_target(recipe, (LacRecipeTarget){-9, -1}, LAC_SET_BY_PERSON, NULL), LAC_OK);
  assert_int_equal(lac_assistant_solve(source, NULL, recipe, &options, song_path("never.wav"), true, LAC_CONTAINER_WAV,
                                       0, &control, &sink, &render, &solved, &notes, &error),
                   LAC_ERR_CANCELLED);
  assert_null(sink);
  assert_string_equal(error.code, "CANCELLED");
  lac_recipe_free(recipe);
  lac_source_close(source);
  lac_notes_free(&notes);
}

int main(void) {
  static const struct CMUnitTest tests[] = {cmocka_unit_test(test_targets),
                                            cmocka_unit_test(test_plain_gain),
                                            cmocka_unit_test(test_held_peaks),
                                            cmocka_unit_test(test_max_limiting),
                                            cmocka_unit_test(test_persons_drive_and_ceiling),
                                            cmocka_unit_test(test_no_loudness_target),
                                            cmocka_unit_test(test_unmeasurable),
                                            cmocka_unit_test(test_switched_off_limiter),
                                            cmocka_unit_test(test_model),
                                            cmocka_unit_test(test_prediction),
                                            cmocka_unit_test(test_level_behind_limiter),
                                            cmocka_unit_test(test_outlook),
                                            cmocka_unit_test(test_gated_loudness),
                                            cmocka_unit_test(test_percentile),
                                            cmocka_unit_test(test_cancel)};
  song_folder_new();
  song_file_write(&(SongFile){.path = song_path("quiet.wav"), .seconds = 16, .gain_db = -12});
  const double seconds = test_is_short() ? 8 : 16; /* a verse and a chorus, once or twice */
  song_file_write(&(SongFile){.path = song_path("soft.wav"), .seconds = seconds, .gain_db = -12});
  song_file_write(&(SongFile){.path = song_path("loud.wav"), .seconds = seconds, .gain_db = 3});
  song_file_write(&(SongFile){.path = song_path("rate48.wav"), .seconds = 12, .rate_hz = 48000});
  song_file_write(&(SongFile){.path = song_path("mono.wav"), .seconds = 12, .n_channels = 1});
  song_file_write(&(SongFile){.path = song_path("short.wav"), .seconds = 0.2});
  song_file_write(&(SongFile){.path = song_path("faint.wav"), .seconds = 3, .gain_db = -90});
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  song_folder_remove();
  return failed;
}
