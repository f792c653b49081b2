/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Results as the documents and pages of the report floor: views in, text out. */

#include <lacquer/master.h>
#include <lacquer/report.h>

#include "core/file.h"
#include "core/memory.h"

#include <stdlib.h>
#include <string.h>

/* Views of a batch: the shallow files point into them, so they live until the text is made. */
typedef struct Batch {
  LacReportView **views;
  LacReportFile *files;
  size_t count;
} Batch;

static LacStatus batch_new(size_t count, Batch *batch) {
  *batch = (Batch){.views = lac_calloc(count + 1, sizeof *batch->views),
                   .files = lac_calloc(count + 1, sizeof *batch->files),
                   .count = count};
  return batch->views && batch->files ? LAC_OK : LAC_ERR_MEMORY;
}

static void batch_free(Batch *batch) {
  for (size_t i = 0; batch->views && i < batch->count; i++)
    lac_report_view_free(batch->views[i]);
  lac_free(batch->views);
  lac_free(batch->files);
}

LacStatus lac_master_json(const LacMasterItem *items, size_t n_items, char **text) {
  Batch batch;
  *text = NULL;
  LacStatus status = batch_new(n_items, &batch);
  for (size_t i = 0; i < n_items && status == LAC_OK; i++) {
    if (items[i].result) {
      status = lac_report_view_master(items[i].result, &batch.views[i]);
      if (status == LAC_OK)
        batch.files[i] = *lac_report_view_file(batch.views[i]);
    } else {
      batch.files[i] = (LacReportFile){.input.path = items[i].path, .error = &items[i].error};
    }
  }
  if (status == LAC_OK)
    status = lac_report_master_json(batch.files, n_items, text);
  batch_free(&batch);
  return status;
}

LacStatus lac_analyze_json(const LacAnalyzeItem *items, size_t n_items, char **text) {
  Batch batch;
  *text = NULL;
  LacStatus status = batch_new(n_items, &batch);
  for (size_t i = 0; i < n_items && status == LAC_OK; i++) {
    if (items[i].result) {
      status = lac_report_view_analyze(items[i].result, &batch.views[i]);
      if (status == LAC_OK)
        batch.files[i] = *lac_report_view_file(batch.views[i]);
    } else {
      batch.files[i] = (LacReportFile){.input.path = items[i].path, .error = &items[i].error};
    }
  }
  if (status == LAC_OK)
    status = lac_report_analysis_json(batch.files, n_items, text);
  batch_free(&batch);
  return status;
}

static LacStatus check_view(const LacCheckItem *item, LacReportCheck *check) {
  *check = (LacReportCheck){.path = item->path, .error = item->result ? NULL : &item->error};
  if (!item->result)
    return LAC_OK;
  LacReportRule *rules = lac_calloc(item->result->n_rules + 1, sizeof *rules);
  if (!rules)
    return LAC_ERR_MEMORY;
  for (size_t i = 0; i < item->result->n_rules; i++) {
    const LacRuleResult *from = &item->result->rules[i];
    rules[i] = (LacReportRule){from->id, from->passed, from->measured, from->required, from->text, from->source};
  }
  check->platform_id = item->result->platform_id;
  check->passed = item->result->passed;
  check->rules = rules;
  check->n_rules = item->result->n_rules;
  return LAC_OK;
}

LacStatus lac_check_json(const LacCheckItem *items, size_t n_items, char **text) {
  *text = NULL;
  LacReportCheck *checks = lac_calloc(n_items + 1, sizeof *checks);
  LacStatus status = checks ? LAC_OK : LAC_ERR_MEMORY;
  for (size_t i = 0; i < n_items && status == LAC_OK; i++)
    status = check_view(&items[i], &checks[i]);
  if (status == LAC_OK)
    status = lac_report_check_json(checks, n_items, text);
  for (size_t i = 0; checks && i < n_items; i++)
    lac_free((void *)(uintptr_t)checks[i].rules);
  lac_free(checks);
  return status;
}

LacStatus lac_compare_json(const LacCompareResult *result, char **text) {
  LacReportView *view = NULL;
  *text = NULL;
  LacStatus status = lac_report_view_compare(result, &view);
  if (status == LAC_OK)
    status = lac_report_compare_json(lac_report_view_comparison(view), text);
  lac_report_view_free(view);
  return status;
}

LacStatus lac_list_processors_json(char **text) {
  return lac_report_processors_json(text);
}

/* Takes `html`. */
static LacStatus write_page(LacStatus status, char *html, const char *path, bool may_replace, LacError *error) {
  if (status == LAC_OK)
    status = lac_file_write_all(path, html, strlen(html), may_replace, error);
  else
    lac_error_set(error, status, "REPORT_FAILED", "The report %s was not made: %s. Try again.", path,
                  lac_strerror(status));
  lac_text_free(html);
  return status;
}

LacStatus lac_analyze_write_report(const LacAnalyzeResult *result, const char *path, bool may_replace,
                                   LacError *error) {
  LacReportView *view = NULL;
  char *html = NULL;
  LacStatus status = lac_report_view_analyze(result, &view);
  if (status == LAC_OK)
    status = lac_report_html(lac_report_view_file(view), &html);
  lac_report_view_free(view);
  if (status == LAC_OK && lac_same_file(path, result->path)) {
    lac_text_free(html);
    return lac_error_set(error, LAC_ERR_IS_INPUT, "OUTPUT_IS_INPUT",
                         "The report %s is the file that was measured, and was not written. Choose another name.",
                         path);
  }
  return write_page(status, html, path, may_replace, error);
}

LacStatus lac_compare_write_report(const LacCompareResult *result, const char *path, bool may_replace,
                                   LacError *error) {
  LacReportView *view = NULL;
  char *html = NULL;
  LacStatus status = lac_report_view_compare(result, &view);
  if (status == LAC_OK)
    status = lac_report_compare_html(lac_report_view_comparison(view), &html);
  lac_report_view_free(view);
  if (status == LAC_OK && (lac_same_file(path, result->a.path) || lac_same_file(path, result->b.path))) {
    lac_text_free(html);
    return lac_error_set(error, LAC_ERR_IS_INPUT, "OUTPUT_IS_INPUT",
                         "The report %s is a file that was compared, and was not written. Choose another name.", path);
  }
  return write_page(status, html, path, may_replace, error);
}
