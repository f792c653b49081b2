/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What processor.c and readout.c do for every class, seen through a class of the test's own: it adds its value `step`
 * to every sample, and as a whole processor also what it observed. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "processors/processor_class.h"
#include "processors/test/processor_signal.h"

enum { P_STEP, P_MODE, P_SIZE, P_CURVE, P_TIMES, N_PARAMS };

static const char *const modes[] = {"one", "two", NULL};

static const LacParam params[N_PARAMS] = {
    {.id = "step", .type = LAC_PARAM_NUMBER, .minimum = -10, .maximum = 10, .step = 1},
    {.id = "mode", .type = LAC_PARAM_CHOICE, .maximum = 1, .step = 1, .choices = modes},
    {.id = "size", .type = LAC_PARAM_NUMBER, .maximum = 4, .step = 1, .flags = LAC_PARAM_RESTARTS},
    {.id = "curve", .type = LAC_PARAM_CURVE, .minimum = -12, .maximum = 12, .x_unit = "Hz"},
    {.id = "times", .type = LAC_PARAM_LIST, .minimum = 0, .maximum = 3600},
};

static const LacReadout readouts[] = {{"added", "Added", "", "What was added"}};

typedef struct Adder {
  double observed;
  double planned;
  LacReadoutWriter writer;
  int n_changes;
  size_t changed[200];
  uint64_t changed_at[200];
} Adder;

static bool refuses; /* lets prepare and plan fail */

static void start(LacProcessor *p) {
  Adder *self = p->state;
  lac_readout_begin(&self->writer, p, 0);
}

static LacStatus prepare(LacProcessor *p) {
  p->latency_frames = (uint32_t)p->values[P_SIZE];
  start(p);
  return refuses ? LAC_ERR_LIMIT : LAC_OK;
}

static void changed(LacProcessor *p, size_t param) {
  Adder *self = p->state;
  self->changed[self->n_changes] = param;
  self->changed_at[self->n_changes++] = p->frame;
}

static void process(LacProcessor *p, float *const *channels, uint32_t n_frames) {
  Adder *self = p->state;
  for (uint32_t i = 0; i < n_frames; i++) {
    float added = (float)(p->values[P_STEP] + self->planned);
    for (unsigned c = 0; c < p->setup.n_channels; c++) {
      channels[c][i] += added;
    }
    lac_readout_push(&self->writer, &added, 1);
  }
}

static LacStatus observe(LacProcessor *p, const float *const *channels, uint32_t n_frames) {
  Adder *self = p->state;
  for (uint32_t i = 0; i < n_frames; i++) {
    self->observed += (double)channels[0][i];
  }
  return LAC_OK;
}

static LacStatus plan(LacProcessor *p, const LacCancel *cancel) {
  Adder *self = p->state;
  if (lac_cancelled(cancel) || refuses) {
    return LAC_ERR_CANCELLED;
  }
  self->planned = self->observed;
  return LAC_OK;
}

static bool is_whole(const LacProcessor *p) {
  return p->values[P_MODE] == 1;
}

static const LacProcessorClass adder_class = {.info = {.id = "adder",
                                                       .kinds = LAC_KIND_STREAM | LAC_KIND_WHOLE,
                                                       .params = params,
                                                       .n_params = N_PARAMS,
                                                       .readouts = readouts,
                                                       .n_readouts = 1},
                                              .state_size = sizeof(Adder),
                                              .prepare = prepare,
                                              .changed = changed,
                                              .process = process,
                                              .reset = start,
                                              .is_whole = is_whole,
                                              .observe = observe,
                                              .plan = plan};

static LacProcessor *new_adder(void) {
  LacProcessor *p = NULL;
  assert_int_equal(lac_processor_new(&adder_class, &p), LAC_OK);
  return p;
}

static void must_prepare(LacProcessor *p, uint32_t max_block_frames) {
  LacProcessorSetup setup = test_setup(48000, 1, max_block_frames, 0, NULL);
  assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
}

static void run(LacProcessor *p, float *x, uint32_t n_frames) {
  float *channels[1] = {x};
  lac_processor_process(p, channels, n_frames);
}

/* Changes land on the first border at or after their frame, in order, whatever the blocks. */
static void test_borders(void **state) {
  (void)state;
  LacProcessor *p = new_adder();
  must_prepare(p, 100);
  assert_int_equal(lac_processor_set(p, P_STEP, 3, 65), LAC_OK); /* at 96 */
  assert_int_equal(lac_processor_set(p, P_STEP, 1, 1), LAC_OK);  /* at 32 */
  assert_int_equal(lac_processor_set(p, P_STEP, 2, 64), LAC_OK); /* at 64 */
  assert_int_equal(lac_processor_set(p, P_STEP, 9, 70), LAC_OK); /* takes the place of 3 */
  assert_int_equal(lac_processor_set(p, P_STEP, -1, UINT64_MAX), LAC_OK);
  float x[400] = {0};
  run(p, x, 40);
  run(p, x + 40, 0);
  run(p, x + 40, 41);
  run(p, x + 81, 319); /* beyond max_block_frames: cut inside */
  for (int i = 0; i < 400; i++) {
    assert_true(x[i] == (i < 32 ? 0 : i < 64 ? 1 : i < 96 ? 2 : 9));
  }
  assert_true(lac_processor_get(p, P_STEP) == 9);
  /* Asked for in the past: the next border. */
  assert_int_equal(lac_processor_set(p, P_STEP, 5, 0), LAC_OK);
  float y[32] = {0};
  run(p, y, 32);
  assert_true(y[15] == 9 && y[16] == 5);
  const Adder *self = p->state;
  assert_int_equal(self->n_changes, 4);
  assert_int_equal(self->changed_at[3], 416);
  lac_processor_reset(p); /* what is still queued is taken */
  assert_true(lac_processor_get(p, P_STEP) == -1);
  lac_processor_free(p);
}

static void test_refusals(void **state) {
  (void)state;
  LacProcessor *p = new_adder();
  float x[8] = {1};
  run(p, x, 8); /* not prepared: nothing happens */
  assert_true(x[0] == 1 && x[1] == 0);
  assert_int_equal(lac_processor_set(p, P_CURVE, 0, 0), LAC_ERR_USAGE);
  assert_int_equal(lac_processor_set(p, P_MODE, 2, 0), LAC_ERR_RANGE);
  assert_int_equal(lac_processor_set(p, SIZE_MAX, 0, 0), LAC_ERR_USAGE);
  assert_true(isnan(lac_processor_get(p, N_PARAMS)));
  must_prepare(p, 8);
  assert_int_equal(lac_processor_set(p, P_SIZE, 2, 0), LAC_ERR_USAGE);
  assert_int_equal(lac_processor_set_points(p, P_TIMES, NULL, 0), LAC_ERR_USAGE);
  refuses = true;
  LacProcessorSetup setup = test_setup(48000, 1, 64, 0, NULL);
  assert_int_equal(lac_processor_prepare(p, &setup), LAC_ERR_LIMIT);
  refuses = false;
  assert_null(p->arena);
  assert_int_equal(lac_processor_set(p, P_SIZE, 2, 0), LAC_OK); /* not prepared any more */
  must_prepare(p, 64);
  assert_int_equal(lac_processor_latency_frames(p), 2);
  assert_false(lac_processor_is_neutral(p)); /* the class has no say: never */
  lac_processor_free(p);
  lac_processor_free(NULL);
}

static void test_points(void **state) {
  (void)state;
  LacProcessor *p = new_adder();
  LacCurvePoint good[] = {{20, -12}, {1000, 0}, {20000, 12}};
  assert_int_equal(lac_processor_set_points(p, P_CURVE, good, 3), LAC_OK);
  const LacCurvePoint bad[][2] = {{{0, 0}, {10, 0}},        {{10, 0}, {10, 0}},   {{20, 0}, {10, 0}},
                                  {{10, 13}, {20, 0}},      {{10, NAN}, {20, 0}}, {{NAN, 0}, {20, 0}},
                                  {{10, 0}, {INFINITY, 0}}, {{-5, 0}, {20, 0}},   {{10, 0}, {1e308, 0}}};
  for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
    assert_int_equal(lac_processor_set_points(p, P_CURVE, bad[k], 2), LAC_ERR_RANGE);
  }
  assert_int_equal(p->lists[P_CURVE].count, 3); /* refused points change nothing */
  assert_true(p->lists[P_CURVE].points[2].y == 12);
  const LacCurvePoint times[] = {{0, NAN}, {3600, 7}}, late[] = {{3601, 0}};
  assert_int_equal(lac_processor_set_points(p, P_TIMES, times, 2), LAC_OK); /* y does not count */
  assert_int_equal(lac_processor_set_points(p, P_TIMES, late, 1), LAC_ERR_RANGE);
  assert_int_equal(lac_processor_set_points(p, P_TIMES, NULL, 0), LAC_OK);
  assert_int_equal(p->lists[P_TIMES].count, 0);
  assert_int_equal(lac_processor_set_points(p, P_STEP, good, 3), LAC_ERR_USAGE);
  static LacCurvePoint many[LAC_MAX_CURVE_POINTS + 1];
  for (int i = 0; i <= LAC_MAX_CURVE_POINTS; i++) {
    many[i] = (LacCurvePoint){i + 1, 0};
  }
  assert_int_equal(lac_processor_set_points(p, P_CURVE, many, LAC_MAX_CURVE_POINTS), LAC_OK);
  assert_int_equal(lac_processor_set_points(p, P_CURVE, many, LAC_MAX_CURVE_POINTS + 1), LAC_ERR_LIMIT);
  lac_processor_free(p);
}

static void test_whole(void **state) {
  (void)state;
  LacProcessor *p = new_adder();
  float x[4] = {1, 2, 3, 4};
  const float *in[1] = {x};
  must_prepare(p, 4);
  assert_int_equal(lac_processor_observe(p, in, 4), LAC_ERR_USAGE); /* a stream in this mode */
  assert_int_equal(lac_processor_plan(p, NULL), LAC_ERR_USAGE);
  lac_processor_free(p);
  p = new_adder();
  assert_int_equal(lac_processor_set(p, P_MODE, 1, 0), LAC_OK);
  assert_int_equal(lac_processor_observe(p, in, 4), LAC_ERR_USAGE); /* not prepared */
  must_prepare(p, 4);
  assert_true(lac_processor_is_whole(p));
  assert_int_equal(lac_processor_observe(p, in, 5), LAC_ERR_USAGE);
  assert_int_equal(lac_processor_observe(p, in, 0), LAC_OK);
  assert_int_equal(lac_processor_observe(p, in, 4), LAC_OK);
  float y[4] = {0};
  run(p, y, 4); /* not planned: nothing happens */
  assert_true(y[0] == 0);
  LacCancel cancel = {true};
  assert_int_equal(lac_processor_plan(p, &cancel), LAC_ERR_CANCELLED);
  assert_int_equal(lac_processor_plan(p, NULL), LAC_OK);
  assert_int_equal(lac_processor_plan(p, NULL), LAC_ERR_USAGE);
  assert_int_equal(lac_processor_observe(p, in, 4), LAC_ERR_USAGE);
  run(p, y, 4);
  assert_true(y[0] == 10 && y[3] == 10);
  lac_processor_reset(p); /* the plan stays */
  run(p, y, 4);
  assert_true(y[0] == 20);
  lac_processor_free(p);
}

/* Latency dropped, last part entry, capacity, and the same whatever the pieces. */
static void test_readouts(void **state) {
  (void)state;
  float minimum[5] = {0}, mean[5] = {0}, values[40];
  LacReadoutTrack track = {minimum, mean, 5, 0};
  LacProcessor *p = new_adder();
  assert_int_equal(lac_processor_set(p, P_SIZE, 3, 0), LAC_OK);
  LacProcessorSetup setup = test_setup(8000, 1, 64, 170, &track);
  assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
  Adder *self = p->state;
  for (int i = 0; i < 40; i++) {
    values[i] = (float)(i + 1);
  }
  lac_readout_push(&self->writer, values, 40);         /* 37 of the first entry */
  lac_readout_push_constant(&self->writer, -2.0F, 43); /* its other 43 */
  assert_int_equal(track.count, 1);
  assert_true(minimum[0] == -2);
  assert_true(fabs((double)mean[0] - ((40.0 * 41.0 / 2 - 6) - 86) / 80) < 1e-6);
  lac_readout_push_constant(&self->writer, 0, 1000); /* 90 frames are left of the programme */
  assert_int_equal(track.count, 3);
  assert_true(minimum[2] == 0 && mean[2] == 0);
  lac_processor_reset(p);
  assert_int_equal(track.count, 0);
  setup.total_frames = 0; /* unknown: writing stops at the capacity */
  assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
  self = p->state;
  lac_readout_push_constant(&self->writer, 1.5F, 8000);
  assert_int_equal(track.count, 5);
  assert_true(mean[4] == 1.5F && minimum[4] == 1.5F);
  lac_processor_free(p);
}

static void test_registry(void **state) {
  (void)state;
  /* The default chain order (lacquer/processor.h) of what there is. */
  static const char *const order[] = {"equalizer", "fade", "gain", "limiter"};
  size_t last = 0;
  for (size_t k = 0; k < sizeof order / sizeof order[0]; k++) {
    size_t place = 0;
    while (place < lac_processor_class_count() &&
           strcmp(lac_processor_class_info(lac_processor_class_at(place))->id, order[k]) != 0) {
      place++;
    }
    assert_true(place < lac_processor_class_count());
    assert_true(k == 0 || place > last);
    last = place;
  }
  assert_null(lac_processor_class_find("no_such_thing"));
  assert_null(lac_processor_class_at(lac_processor_class_count()));
  const LacProcessorInfo *info = lac_processor_class_info(lac_processor_class_find("gain"));
  assert_int_equal(lac_param_find(info, "db"), 0);
  assert_true(lac_param_find(info, "nothing") == SIZE_MAX && lac_readout_find(info, "nothing") == SIZE_MAX);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_borders), cmocka_unit_test(test_refusals), cmocka_unit_test(test_points),
      cmocka_unit_test(test_whole),   cmocka_unit_test(test_readouts), cmocka_unit_test(test_registry),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
