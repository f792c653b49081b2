/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every allocation and every write of a whole `master` fails in turn: no crash, no leak (the address sanitizer
 * watches), a message each time, and the old output file stays as it was unless a new one is complete.
 * test_faults MIX [STRIDE]: STRIDE > 1 tries every STRIDE-th place only. */

#include <lacquer/master.h>

#include "core/faults.h"
#include "core/file.h"
#include "core/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char old_bytes[] = "the master of yesterday";
static char out_path[256], recipe_path[256], report_path[256];

static int complain(const char *what, long k, const LacError *error) {
  fprintf(stderr, "%s fault %ld: %s (%s)\n", what, k, error->text, error->code);
  return 1;
}

static LacStatus master(const char *mix, LacError *error) {
  LacMasterOptions options;
  lac_master_options_init(&options);
  options.input = mix;
  options.output = out_path;
  options.save_recipe = recipe_path;
  options.report = report_path;
  options.may_replace = true;
  LacJobControl control = {.n_threads = 1};
  LacMasterResult result = {0};
  LacStatus status = lac_master(&options, &control, &result, error);
  lac_master_result_free(&result);
  return status;
}

/* 1 when the output is neither the old file nor a whole new one. */
static int damaged(const char *what, long k, LacStatus status) {
  char *bytes = NULL;
  size_t n_bytes = 0;
  LacError error = {0};
  if (lac_file_read_all(out_path, 64u << 20, &bytes, &n_bytes, &error) != LAC_OK)
    return complain(what, k, &error);
  bool is_old = n_bytes == sizeof old_bytes - 1 && !memcmp(bytes, old_bytes, n_bytes);
  bool is_new = n_bytes > 1000 && !memcmp(bytes, "RIFF", 4);
  lac_free(bytes);
  if (is_new && status != LAC_OK && status != LAC_ERR_TARGET) {
    /* allowed only when what failed came after the file had appeared: the report or recipe beside it */
    LacAnalyzeResult check = {0};
    LacStatus readable = lac_analyze(out_path, &(LacJobControl){.n_threads = 1}, &check, &error);
    lac_analyze_result_free(&check);
    return readable == LAC_OK ? 0 : complain(what, k, &error);
  }
  return is_old || is_new ? 0 : (fprintf(stderr, "%s fault %ld damaged the output\n", what, k), 1);
}

static int restore(void) {
  LacError error = {0};
  return lac_file_write_all(out_path, old_bytes, sizeof old_bytes - 1, true, &error) == LAC_OK
             ? 0
             : complain("restore", 0, &error);
}

static int sweep_allocations(const char *mix, long stride) {
  long k = 1, n = 0;
  for (;; k += stride, n++) {
    LacError error = {0};
    if (restore())
      return 1;
    lac_faults_fail_allocation(k);
    LacStatus status = master(mix, &error);
    bool was_hit = lac_faults_hit();
    lac_faults_fail_allocation(0);
    if (damaged("allocation", k, status))
      return 1;
    if (!was_hit)
      break;
    if (status == LAC_OK)
      return complain("an unnoticed allocation", k, &error);
    if (!error.text[0] && status != LAC_ERR_MEMORY)
      return complain("an unexplained allocation", k, &error);
  }
  printf("%ld allocation faults survived (of %ld, every %ld)\n", n, k, stride);
  return n == 0;
}

static int sweep_writes(const char *mix, LacWriteFault kind, const char *name) {
  long k = 1;
  for (;; k++) {
    LacError error = {0};
    if (restore())
      return 1;
    lac_faults_fail_write(k, kind);
    LacStatus status = master(mix, &error);
    bool was_hit = lac_faults_hit();
    lac_faults_fail_write(0, kind);
    if (damaged(name, k, status))
      return 1;
    if (!was_hit)
      break;
    if (status == LAC_OK || !error.text[0])
      return complain(name, k, &error);
  }
  printf("%ld %s faults survived\n", k - 1, name);
  return k == 1;
}

int main(int argc, char **argv) {
  if (argc < 2)
    return 2;
  const char *folder = getenv("TMPDIR");
  snprintf(out_path, sizeof out_path, "%s/lacquer-faults-%d.wav", folder ? folder : "/tmp", (int)getpid());
  snprintf(recipe_path, sizeof recipe_path, "%s.json", out_path);
  snprintf(report_path, sizeof report_path, "%s.html", out_path);
  int failed =
      sweep_writes(argv[1], LAC_FAULT_ENOSPC, "no-space") || sweep_writes(argv[1], LAC_FAULT_EIO, "input/output") ||
      sweep_writes(argv[1], LAC_FAULT_SHORT, "short-write") || sweep_allocations(argv[1], argc > 2 ? atol(argv[2]) : 1);
  unlink(out_path);
  unlink(recipe_path);
  unlink(report_path);
  return failed;
}
