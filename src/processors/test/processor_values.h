/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Processors made ready from a list of values: what fails there fails the test. */

#ifndef LAC_PROCESSORS_TEST_PROCESSOR_VALUES_H
#define LAC_PROCESSORS_TEST_PROCESSOR_VALUES_H

#include <stdio.h>

#include "core/test/check.h"
#include "processors/processor_class.h"
#include "processors/test/processor_signal.h"

typedef struct TestValue {
  const char *id; /* "*_x": of every band */
  double value;
} TestValue;

/* From the present frame on. */
static inline void test_set(LacProcessor *p, const char *id, double value) {
  if (id[0] != '*') {
    assert_int_equal(lac_processor_set(p, test_param(p, id, 0), value, p->frame), LAC_OK);
    return;
  }
  for (int band = 1;; band++) {
    char name[64];
    snprintf(name, sizeof name, "band%d%s", band, id + 1);
    const size_t param = lac_param_find(&p->cls->info, name);
    if (param == SIZE_MAX) {
      assert_true(band > 1);
      return;
    }
    assert_int_equal(lac_processor_set(p, param, value, p->frame), LAC_OK);
  }
}

static inline LacProcessor *test_made(const char *class_id, double rate_hz, unsigned n_channels,
                                      const TestValue *values, size_t n_values) {
  LacProcessor *p = NULL;
  assert_int_equal(lac_processor_new(lac_processor_class_find(class_id), &p), LAC_OK);
  for (size_t i = 0; i < n_values; i++) {
    test_set(p, values[i].id, values[i].value);
  }
  LacProcessorSetup setup = test_setup(rate_hz, n_channels, 1u << 17, 0, NULL);
  assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
  return p;
}

#define TEST_MADE(class_id, rate_hz, n_channels, ...)                                                                  \
  test_made(class_id, rate_hz, n_channels, (const TestValue[]){__VA_ARGS__},                                           \
            sizeof((const TestValue[]){__VA_ARGS__}) / sizeof(TestValue))

#endif
