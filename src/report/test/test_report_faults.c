/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every allocation of every document fails once: LAC_ERR_MEMORY, no text, no leak. */

#include "report/test/report_sample.h"

#include "core/faults.h"
#include "core/test/check.h"

static ReportSample *sample;

static LacStatus master_json(char **text) {
  return lac_report_master_json(&sample->file, 1, text);
}
static LacStatus analysis_json(char **text) {
  return lac_report_analysis_json(&sample->file, 1, text);
}
static LacStatus compare_json(char **text) {
  return lac_report_compare_json(&sample->compare, text);
}
static LacStatus check_json(char **text) {
  LacReportRule rule = {"true_peak_max", false, -0.5, -1, "Too high.", "a page"};
  LacReportCheck check = {.path = "a.wav", .platform_id = "spotify", .rules = &rule, .n_rules = 1};
  return lac_report_check_json(&check, 1, text);
}
static LacStatus html(char **text) {
  return lac_report_html(&sample->file, text);
}
static LacStatus compare_html(char **text) {
  return lac_report_compare_html(&sample->compare, text);
}

static void sweep(LacStatus (*document)(char **text), long least) {
  bool is_hit = true;
  long k = 0;
  while (is_hit) {
    char *text = NULL;
    lac_faults_fail_allocation(++k);
    LacStatus status = document(&text);
    is_hit = lac_faults_hit();
    lac_faults_fail_allocation(0);
    assert_int_equal(status, is_hit ? LAC_ERR_MEMORY : LAC_OK);
    assert_true(is_hit ? !text : text != NULL);
    lac_text_free(text);
  }
  assert_true(k > least);
}

static void test_sweep(void **state) {
  (void)state;
  sample = sample_new();
  sweep(check_json, 20);
  sweep(analysis_json, 100);
  sweep(compare_json, 200);
  sweep(master_json, 200);
  sweep(html, 20);
  sweep(compare_html, 10);
  sample_free(sample);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_sweep)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
