/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <lacquer/targets.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/file.h"
#include "core/memory.h"

static const char *data_path;

/* A complete row, with one place to break: %s stands for extra or changed fields. */
#define ROW(id, fields)                                                                                                \
  "{\"id\":\"" id "\",\"title\":\"T\",\"purpose\":\"P\",\"source\":\"S\",\"date\":\"2026\",\"confidence\":\"A\","      \
  "\"target\":{\"integrated_lufs\":-14,\"true_peak_dbtp\":-1},\"output\":{\"rate_hz\":0,\"bits\":0},"                  \
  "\"playback\":{\"reference_lufs\":null,\"turns_up\":false,\"up_limit_dbtp\":null}," fields "}"
#define DOCUMENT(rows) "{\"schema\":\"lacquer.platforms/1\",\"platforms\":[" rows "]}"
#define RULE(fields) "\"rules\":[{\"text\":\"t\",\"source\":\"s\",\"date\":\"2026\",\"confidence\":\"C\"," fields "}]"

static void check_refused(const char *text, LacStatus expected, const char *pointer) {
  LacPlatforms *platforms = NULL;
  LacError error = {0};
  LacStatus status = lac_platforms_read("test.json", text, strlen(text), &platforms, &error);
  assert_int_equal(status, expected);
  assert_null(platforms);
  if (!strstr(error.text, pointer) || !strstr(error.text, "test.json"))
    fail_msg("the message \"%s\" does not name %s", error.text, pointer);
}

static void test_refusals(void **state) {
  (void)state;
  check_refused("{\"schema\":\"lacquer.platforms/1\"", LAC_ERR_SYNTAX, "test.json");
  check_refused("[]", LAC_ERR_SCHEMA, "/");
  check_refused("{\"schema\":\"lacquer.platforms/2\",\"platforms\":[]}", LAC_ERR_SCHEMA, "/schema");
  check_refused("{\"schema\":\"lacquer.platforms/1\",\"platforms\":{}}", LAC_ERR_SCHEMA, "/platforms");
  check_refused("{\"schema\":\"lacquer.platforms/1\",\"platforms\":[],\"x\":1}", LAC_ERR_SCHEMA, "/x");
  check_refused(DOCUMENT("{\"id\":\"a\"}"), LAC_ERR_SCHEMA, "/platforms/0/title");
  check_refused(DOCUMENT(ROW("A b", "\"rules\":[]")), LAC_ERR_SCHEMA, "/platforms/0/id");
  check_refused(DOCUMENT(ROW("a--b", "\"rules\":[]")), LAC_ERR_SCHEMA, "/platforms/0/id");
  check_refused(DOCUMENT(ROW("a", "\"rules\":[],\"extra\":1")), LAC_ERR_SCHEMA, "/platforms/0/extra");
  check_refused(DOCUMENT(ROW("a", "\"rules\":[]") "," ROW("a", "\"rules\":[]")), LAC_ERR_SCHEMA, "/platforms/1");
  check_refused(DOCUMENT(ROW("a", "\"rules\":[]") "," ROW("b", "\"rules\":[],\"aliases\":[\"a\"]")), LAC_ERR_SCHEMA,
                "/platforms/1");
  check_refused(DOCUMENT(ROW("a", RULE("\"rule\":\"loud\""))), LAC_ERR_SCHEMA, "/platforms/0/rules/0/rule");
  check_refused(DOCUMENT(ROW("a", RULE("\"rule\":\"plr_min\""))), LAC_ERR_SCHEMA, "/platforms/0/rules/0/value");
  check_refused(DOCUMENT(ROW("a", RULE("\"rule\":\"plr_min\",\"value\":99"))), LAC_ERR_SCHEMA, "/rules/0/value");
  check_refused(DOCUMENT(ROW("a", RULE("\"rule\":\"no_dc\",\"value\":1"))), LAC_ERR_SCHEMA, "/rules/0/value");
  check_refused(DOCUMENT(ROW("a", RULE("\"rule\":\"bits_one_of\",\"values\":[16,\"x\"]"))), LAC_ERR_SCHEMA,
                "/rules/0/values/1");
  check_refused(DOCUMENT(ROW("a", RULE("\"rule\":\"bits_one_of\",\"values\":[8,9,10,11,12,13,14,15,16]"))),
                LAC_ERR_SCHEMA, "/rules/0/values");
}

/* One field at a time goes wrong; the pointer must name it. */
static void test_field_refusals(void **state) {
  (void)state;
  static const struct {
    const char *from, *to, *pointer;
  } cases[] = {
      {"\"integrated_lufs\":-14", "\"integrated_lufs\":14", "/platforms/0/target/integrated_lufs"},
      {"\"integrated_lufs\":-14", "\"integrated_lufs\":\"x\"", "/platforms/0/target/integrated_lufs"},
      {"\"true_peak_dbtp\":-1", "\"true_peak_dpTp\":-1", "/platforms/0/target/true_peak_dpTp"},
      {"\"rate_hz\":0", "\"rate_hz\":44100.5", "/platforms/0/output/rate_hz"},
      {"\"rate_hz\":0", "\"rate_hz\":7000", "/platforms/0/output/rate_hz"},
      {"\"bits\":0", "\"bits\":20", "/platforms/0/output/bits"},
      {"\"bits\":0", "\"bits\":0,\"dither\":\"none\"", "/platforms/0/output/dither"},
      {"\"bits\":0", "\"bits\":0,\"dither\":1", "/platforms/0/output/dither"},
      {"\"turns_up\":false", "\"turns_up\":0", "/platforms/0/playback/turns_up"},
      {"\"date\":\"2026\"", "\"date\":\"26\"", "/platforms/0/date"},
      {"\"confidence\":\"A\"", "\"confidence\":\"D\"", "/platforms/0/confidence"},
      {"\"title\":\"T\"", "\"title\":\"\"", "/platforms/0/title"},
      {"\"purpose\":\"P\"", "\"purpose\":\"a\\nb\"", "/platforms/0/purpose"},
  };
  static const char good[] = DOCUMENT(ROW("a", "\"rules\":[]"));
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const char *place = strstr(good, cases[i].from);
    assert_non_null(place);
    char text[1024];
    snprintf(text, sizeof text, "%.*s%s%s", (int)(place - good), good, cases[i].to, place + strlen(cases[i].from));
    check_refused(text, LAC_ERR_SCHEMA, cases[i].pointer);
  }
}

/* The shipped table: every platform of the plan, each with its source, each rule with its own. */
static void test_shipped(void **state) {
  (void)state;
  static const struct {
    const char *id;
    double lufs, dbtp;
  } expected[] = {{"streaming", -14, -1},
                  {"spotify", -14, -1},
                  {"spotify-loud", -11, -2},
                  {"apple-music", -16, -1},
                  {"apple-digital-masters", -16, -1},
                  {"youtube", -14, -1},
                  {"tidal", -14, -1},
                  {"amazon", -14, -2},
                  {"deezer", -15, -1},
                  {"soundcloud", -11, -1},
                  {"podcast", -16, -1},
                  {"broadcast-ebu", -23, -1},
                  {"cd", -9, -0.3},
                  {"club", -9, -1},
                  {"vinyl-premaster", NAN, -3},
                  {"archive", NAN, -1},
                  {"mix", NAN, NAN}};
  LacPlatforms *platforms = NULL;
  LacError error = {0};
  assert_int_equal(lac_platforms_load(&platforms, &error), LAC_OK);
  assert_int_equal(lac_platforms_count(platforms), sizeof expected / sizeof expected[0]);
  for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
    const LacPlatform *platform = lac_platforms_find(platforms, expected[i].id);
    assert_non_null(platform);
    assert_true(platform == lac_platforms_at(platforms, i)); /* and in this order */
    assert_true(isnan(expected[i].lufs) ? isnan(platform->integrated_lufs)
                                        : platform->integrated_lufs == expected[i].lufs);
    assert_true(isnan(expected[i].dbtp) ? isnan(platform->true_peak_dbtp)
                                        : platform->true_peak_dbtp == expected[i].dbtp);
    assert_int_equal(platform->is_check_only, strcmp(expected[i].id, "mix") == 0);
    assert_true(strlen(platform->source) > 3 && strlen(platform->date) >= 4 && strlen(platform->confidence) == 1);
    assert_true(platform->n_rules > 0);
    for (size_t r = 0; r < platform->n_rules; r++)
      assert_true(strlen(platform->rules[r].source) > 3 && strlen(platform->rules[r].text) > 3);
  }
  assert_string_equal(lac_platforms_find(platforms, "ebu-r128")->id, "broadcast-ebu");
  assert_null(lac_platforms_find(platforms, "nowhere"));
  assert_null(lac_platforms_at(platforms, 1000));
  const LacPlatform *cd = lac_platforms_find(platforms, "cd");
  assert_int_equal(cd->rate_hz, 44100);
  assert_int_equal(cd->bits, 16);
  for (size_t i = 0; i < lac_platforms_count(platforms); i++) /* shaped only where the words are final */
    assert_int_equal(lac_platforms_at(platforms, i)->dither,
                     lac_platforms_at(platforms, i) == cd ? LAC_DITHER_SHAPED : LAC_DITHER_TPDF);
  lac_platforms_free(platforms);
}

/* What the library carries is the file in the tree, byte for byte in meaning: same rows read from it. */
static void test_embedded_is_file(void **state) {
  (void)state;
  char *bytes = NULL;
  size_t n_bytes = 0;
  LacPlatforms *from_file = NULL;
  LacPlatforms *built_in = NULL;
  assert_int_equal(lac_file_read_all(data_path, 1 << 20, &bytes, &n_bytes, NULL), LAC_OK);
  assert_int_equal(lac_platforms_read(data_path, bytes, n_bytes, &from_file, NULL), LAC_OK);
  assert_int_equal(lac_platforms_load(&built_in, NULL), LAC_OK);
  assert_int_equal(lac_platforms_count(from_file), lac_platforms_count(built_in));
  for (size_t i = 0; i < lac_platforms_count(from_file); i++) {
    assert_string_equal(lac_platforms_at(from_file, i)->purpose, lac_platforms_at(built_in, i)->purpose);
    assert_int_equal(lac_platforms_at(from_file, i)->n_rules, lac_platforms_at(built_in, i)->n_rules);
  }
  lac_platforms_free(from_file);
  lac_platforms_free(built_in);
  lac_free(bytes);
}

static void write_override(const char *path, const char *text) {
  assert_int_equal(lac_file_write_all(path, text, strlen(text), true, NULL), LAC_OK);
}

static void test_overrides(void **state) {
  (void)state;
  char folder[] = "/tmp/lacquer-platforms-XXXXXX";
  char path[256];
  char user[256];
  LacPlatforms *platforms = NULL;
  LacError error = {0};
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/lacquer", folder);
  assert_int_equal(mkdir(path, 0777), 0);
  snprintf(user, sizeof user, "%s/lacquer/platforms.json", folder);
  snprintf(path, sizeof path, "%s/platforms.json", folder);
  setenv("XDG_DATA_HOME", folder, 1);
  write_override(user, DOCUMENT("{\"id\":\"streaming\",\"target\":{\"integrated_lufs\":-15}},"
                                "{\"id\":\"tidal\",\"title\":\"Mine\"}"));
  setenv("LACQUER_DATA", folder, 1);
  write_override(path, DOCUMENT("{\"id\":\"streaming\",\"target\":{\"integrated_lufs\":-13},\"rules\":[]}," ROW(
                           "house", "\"rules\":[]")));
  assert_int_equal(lac_platforms_load(&platforms, &error), LAC_OK);
  const LacPlatform *streaming = lac_platforms_find(platforms, "streaming");
  assert_true(streaming->integrated_lufs == -13); /* the environment outranks the user's folder */
  assert_true(streaming->true_peak_dbtp == -1);   /* what nobody named stays */
  assert_int_equal(streaming->n_rules, 0);
  assert_string_equal(lac_platforms_find(platforms, "tidal")->title, "Mine");
  assert_string_equal(lac_platforms_find(platforms, "house")->title, "T");
  lac_platforms_free(platforms);

  /* An incomplete new row, a typo: refused, and the message names the file and the place. */
  write_override(path, DOCUMENT("{\"id\":\"house\",\"title\":\"only this\"}"));
  assert_int_equal(lac_platforms_load(&platforms, &error), LAC_ERR_SCHEMA);
  assert_non_null(strstr(error.text, path));
  assert_non_null(strstr(error.text, "/platforms/0/purpose"));
  write_override(path, DOCUMENT("{\"id\":\"streaming\",\"targets\":{}}"));
  assert_int_equal(lac_platforms_load(&platforms, &error), LAC_ERR_SCHEMA);
  assert_non_null(strstr(error.text, "/platforms/0/targets"));
  assert_int_equal(unlink(path), 0);
  assert_int_equal(unlink(user), 0);
  snprintf(path, sizeof path, "%s/lacquer", folder);
  assert_int_equal(rmdir(path), 0);
  assert_int_equal(rmdir(folder), 0);
  unsetenv("LACQUER_DATA");
  setenv("XDG_DATA_HOME", "/nonexistent", 1);
}

static void check_gain(const char *id, double lufs, double dbtp, double expected_db) {
  LacPlatforms *platforms = NULL;
  assert_int_equal(lac_platforms_load(&platforms, NULL), LAC_OK);
  double gain_db = lac_platform_playback_gain_db(lac_platforms_find(platforms, id), lufs, dbtp);
  if (fabs(gain_db - expected_db) > 1e-9)
    fail_msg("%s plays %g LUFS, %g dBTP with %g dB instead of %g", id, lufs, dbtp, gain_db, expected_db);
  lac_platforms_free(platforms);
}

static void test_playback_gain(void **state) {
  (void)state;
  check_gain("spotify", -9, -1, -5); /* louder: down freely */
  check_gain("spotify", -14, -1, 0);
  check_gain("spotify", -20, -10, 6);     /* up within the headroom: 9 dB of it */
  check_gain("spotify", -20, -3, 2);      /* only to -1 dBTP */
  check_gain("spotify", -20, -0.5, 0);    /* no headroom: left alone */
  check_gain("spotify-loud", -14, -1, 3); /* a limiter takes the peaks */
  check_gain("youtube", -20, -10, 0);     /* never up */
  check_gain("youtube", -10, -1, -4);
  check_gain("deezer", -10, -1, -5);
  check_gain("apple-music", -20, -8, 4);
  check_gain("soundcloud", -5, 0, 0); /* plays as delivered */
  check_gain("cd", -5, 0, 0);
  check_gain("spotify", NAN, -1, 0); /* nothing above the gate */
  check_gain("spotify", -INFINITY, -1, 0);
}

int main(int argc, char **argv) {
  static const struct CMUnitTest tests[] = {cmocka_unit_test(test_refusals),  cmocka_unit_test(test_field_refusals),
                                            cmocka_unit_test(test_shipped),   cmocka_unit_test(test_embedded_is_file),
                                            cmocka_unit_test(test_overrides), cmocka_unit_test(test_playback_gain)};
  if (argc != 2)
    return 99; /* a missing table may not pass silently */
  data_path = argv[1];
  unsetenv("LACQUER_DATA");
  setenv("XDG_DATA_HOME", "/nonexistent", 1);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
