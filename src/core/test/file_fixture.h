/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Outputs opened, what stands in files, children that end: what fails there fails the test. */

#ifndef LAC_CORE_TEST_FILE_FIXTURE_H
#define LAC_CORE_TEST_FILE_FIXTURE_H

#include "core/file.h"
#include "core/test/check.h"
#include "core/test/folder.h"

#include <sys/wait.h>

static inline LacOutput *test_open_output(const char *path, bool may_replace) {
  LacOutput *output = NULL;
  LacError error = {0};
  LacStatus status = lac_output_open(path, may_replace, &output, &error);
  if (status != LAC_OK)
    fail_msg("%s: %s", error.code, error.text);
  return output;
}

static inline void test_check_file(const char *path, const char *expected) {
  char text[4096];
  assert_string_equal(test_file_get(path, text, sizeof text), expected);
}

static inline void test_check_ended_well(pid_t child) {
  int ended;
  assert_int_equal(waitpid(child, &ended, 0), child);
  assert_int_equal(ended, 0);
}

#endif
