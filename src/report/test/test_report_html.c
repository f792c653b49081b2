/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The pages: well formed, self-contained, harmless with hostile names, right in words, readable in both schemes. */

#include "report/test/report_sample.h"

#include "core/test/check.h"
#include "core/test/comma_locale.h"
#include "report/page.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum { MOST_DEPTH = 32, NAME_SIZE = 24 };

static bool is_void(const char *name) {
  return !strcmp(name, "meta") || !strcmp(name, "br");
}

/* Past one tag's attributes; every value must be in double quotes. */
static const char *skip_attributes(const char *c) {
  while (*c && *c != '>' && !(*c == '/' && c[1] == '>')) {
    if (*c == '"')
      c = strchr(c + 1, '"');
    if (!c || *c == '<')
      fail_msg("broken attribute");
    c++;
  }
  return c;
}

/* Every tag is closed in order, every & begins an entity, nothing is fetched. */
static void check_page(const char *html) {
  char stack[MOST_DEPTH][NAME_SIZE];
  size_t depth = 0;
  static const char *const forbidden[] = {"http", "src=", "url(", "@import", "<script", "<link", "onload", "//"};
  for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
    if (strstr(html, forbidden[i]))
      fail_msg("the page holds %s", forbidden[i]);
  assert_memory_equal(html, "<!doctype html>\n", 16);
  for (const char *c = html + 15; *c; c++) {
    if (*c == '&')
      assert_non_null(strpbrk(c, ";"));
    if (*c != '<')
      continue;
    bool is_end = c[1] == '/';
    char name[NAME_SIZE] = "";
    size_t n = 0;
    for (c += 1 + is_end; isalnum((unsigned char)*c) && n + 1 < NAME_SIZE; c++)
      name[n++] = *c;
    assert_true(n > 0);
    c = skip_attributes(c);
    if (is_end) {
      assert_true(depth > 0);
      assert_string_equal(name, stack[--depth]);
    } else if (*c != '/' && !is_void(name)) {
      assert_true(depth < MOST_DEPTH);
      strcpy(stack[depth++], name);
    }
    c += *c == '/';
    assert_int_equal(*c, '>');
  }
  assert_int_equal(depth, 0);
}

/* No number that does not exist got through as a word. */
static void check_no_nonfinite(const char *html) {
  for (const char *c = html; *c; c++) {
    bool is_start = c == html || !isalpha((unsigned char)c[-1]);
    if (is_start && (!strncasecmp(c, "nan", 3) || !strncasecmp(c, "inf", 3)) && !isalpha((unsigned char)c[3]))
      fail_msg("at %.40s", c);
  }
}

static char *page_of(const LacReportFile *file) {
  char *html = NULL;
  assert_int_equal(lac_report_html(file, &html), LAC_OK);
  check_page(html);
  check_no_nonfinite(html);
  return html;
}

static size_t count_of(const char *html, const char *words) {
  size_t n = 0;
  for (const char *at = html; (at = strstr(at, words)) != NULL; at++)
    n++;
  return n;
}

static void expect(const LacReportFile *file, const char *words) {
  char *html = page_of(file);
  if (!strstr(html, words))
    fail_msg("the page does not say: %s", words);
  lac_text_free(html);
}

static void refuse(const LacReportFile *file, const char *words) {
  char *html = page_of(file);
  if (strstr(html, words))
    fail_msg("the page says: %s", words);
  lac_text_free(html);
}

#define NB "\xC2\xA0"
#define MINUS "\xE2\x88\x92"

static void test_everything_is_there(void **state) {
  (void)state;
  static const char *const parts[] = {"id=\"warnings\"",
                                      "id=\"pictures\"",
                                      "id=\"numbers\"",
                                      "id=\"platforms\"",
                                      "id=\"decisions\"",
                                      "id=\"findings\"",
                                      "id=\"files\"",
                                      "wave-before",
                                      "wave-after",
                                      "Short-term loudness over time",
                                      "class=\"band\"",
                                      "Correlation of left and right by band",
                                      "Gain reduction over time",
                                      "How often each amount of gain reduction occurs",
                                      "Service one<small>its page, 2026</small>",
                                      "\xE2\x96\xBC down",
                                      "Too &lt;loud&gt; &amp; &quot;sharp&quot;.",
                                      "tone.band1_db = -1.2",
                                      "0123abcd",
                                      "32-bit integers were rounded.",
                                      "lacquer.recipe/1",
                                      "1:12.4"};
  ReportSample *sample = sample_new();
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    expect(&sample->file, parts[i]);
  sample_free(sample);
}

static void test_words(void **state) {
  (void)state;
  ReportSample *s = sample_new();
  expect(&s->file, "The master is 4.0" NB "LU louder than the mix");
  expect(&s->file, "The limiter works 10" NB "% of the time");
  expect(&s->file, "less than 1.5" NB "dB off, at the worst moment 3.2"); /* -3.25 as float, to even */
  expect(&s->file, "1 equalizer move: " MINUS "1.2" NB "dB around 3.7" NB "kHz.");
  expect(&s->file, "1 of 2 services and settings below turns it down, by 2.5" NB "dB.");
  expect(&s->file, "<a href=\"#warnings\">warning</a>");
  refuse(&s->file, "Asked for");
  expect(&s->file, "That is moderate"); /* peak to loudness lost 4 LU */
  s->before.loudness.plr_lu = s->after.loudness.plr_lu + 1;
  expect(&s->file, "That is light.");
  s->before.loudness.integrated_lufs = -9;
  expect(&s->file, "5.0" NB "LU quieter than the mix");
  expect(&s->file, "The mix was louder than the target.");
  s->before.loudness.integrated_lufs = -14;
  expect(&s->file, "The loudness was left as it was, at " MINUS "14.0" NB "LUFS.");
  s->file.target.integrated_lufs = -9;
  s->file.targets_met = false;
  expect(&s->file, "Target not met");
  expect(&s->file, "Asked for " MINUS "9.0" NB "LUFS, reached " MINUS "14.0" NB "LUFS.");
  s->after.loudness.true_peak_dbtp = -0.4;
  expect(&s->file, "is above the ceiling of " MINUS "1.0" NB "dBTP");
  for (size_t i = 0; i < SAMPLE_READOUTS; i++)
    s->reduction[1][i] = s->reduction[0][i] = -9;
  expect(&s->file, "That is heavy");
  s->file.n_readouts = 0;
  expect(&s->file, "No limiting was needed");
  s->file.recipe = NULL;
  expect(&s->file, "The tone was left alone.");
  s->before.n_channels = s->after.n_channels = 1;
  expect(&s->file, "The mix is mono and stays mono.");
  refuse(&s->file, "Correlation of left and right");
  s->file.warnings = NULL;
  s->file.targets_met = true;
  s->before.n_findings = 0;
  expect(&s->file, "Nothing needs your attention.");
  s->file.output.analysis = NULL;
  expect(&s->file, "The song measures");
  refuse(&s->file, "master");
  sample_free(s);
}

static void test_silence(void **state) {
  (void)state;
  ReportSample *s = sample_new();
  char *html = NULL;
  sample_make_silent(s);
  expect(&s->file, "too short or too quiet");
  refuse(&s->file, "id=\"platforms\"");
  assert_int_equal(lac_report_compare_html(&s->compare, &html), LAC_OK);
  check_page(html);
  check_no_nonfinite(html);
  lac_text_free(html);
  s->file.output.analysis = NULL;
  s->file.recipe = NULL;
  s->file.n_readouts = 0;
  expect(&s->file, "contains only silence");
  s->before.n_frames = 0; /* not even time */
  s->before.history.count = 0;
  s->before.rate_hz = 0;
  s->info.rate_hz = 0;
  expect(&s->file, "contains only silence");
  sample_free(s);
}

static void test_hostile_text(void **state) {
  (void)state;
  static const char evil[] =
      "<script>alert('1')</script>\"><img onerror=x>\x01\x7F\xC2\x85\xFF\xC0\xAF &amp; \xE2\x80\xAE"
      "txt.vaw";
  static char path[6000];
  ReportSample *s = sample_new();
  char *html = NULL;
  memset(path, 'x', sizeof path - 1);
  memcpy(path, evil, sizeof evil - 1);
  for (char *slash = path; (slash = strchr(slash, '/'));)
    *slash = '|';
  s->tag_items[0] = (LacTag){(char *)evil, (char *)evil};
  s->note_items[0].text = (char *)evil;
  snprintf(s->findings[0].text, sizeof s->findings[0].text, "%s", evil);
  s->platforms[0].title = s->platforms[0].source = s->platforms[0].date = s->file.platform_title = evil;
  s->file.input.path = s->file.output.path = s->compare.a.input.path = s->compare.exported_a = path;
  html = page_of(&s->file);
  assert_null(strstr(html, "<img"));
  assert_non_null(strstr(html, "<h1><bdi>&lt;script&gt;alert(&#39;1&#39;)"));
  assert_non_null(strstr(html, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD &amp;amp;"));
  for (const char *c = html; *c; c++)
    assert_true((unsigned char)*c >= 32 || *c == '\n');
  assert_null(strchr(html, '\x7F'));
  lac_text_free(html);
  assert_int_equal(lac_report_compare_html(&s->compare, &html), LAC_OK);
  check_page(html);
  lac_text_free(html);
  sample_free(s);
}

static void test_small_however_long(void **state) {
  (void)state;
  ReportSample *s = sample_new();
  enum { HOPS = 72000, READS = 720000 }; /* two hours */
  LacAnalysis *const sides[] = {&s->before, &s->after};
  float *values = calloc(READS, sizeof *values);
  assert_non_null(values);
  for (size_t i = 0; i < READS; i++)
    values[i] = -20.0F + (float)(i * 7919 % 10007) / 1000.0F;
  for (size_t k = 0; k < 2; k++) {
    sides[k]->n_frames = 48000ull * 7200;
    sides[k]->history = (LacHistory){values, values, values, HOPS};
  }
  s->readouts[0].minimum = s->readouts[0].mean = values;
  s->readouts[0].count = READS;
  char *html = page_of(&s->file);
  assert_in_range(strlen(html), 30000, 200000);
  assert_non_null(strstr(html, "2:00:00"));
  lac_text_free(html);
  free(values);
  sample_free(s);
}

/* Of several bands those that moved, a gain that rises as a gain that rises, one sentence for what never moved. */
static void test_gains(void **state) {
  (void)state;
  ReportSample *s = sample_new();
  static float still[SAMPLE_READOUTS], lift[SAMPLE_READOUTS];
  lift[SAMPLE_READOUTS / 2] = 2;
  const float *const low = s->reduction[0], *const mean = s->reduction[1];
  const LacReportReadout readouts[] = {
      {"glue", "compressor", "band1_gain_reduction_db", "dB", 0.01, still, still, SAMPLE_READOUTS},
      {"glue", "compressor", "band2_gain_reduction_db", "dB", 0.01, low, mean, SAMPLE_READOUTS},
      {"rest", "compressor", "band1_gain_reduction_db", "dB", 0.01, still, still, SAMPLE_READOUTS},
      {"rest", "compressor", "band2_gain_reduction_db", "dB", 0.01, still, still, SAMPLE_READOUTS},
      {"leveler", "leveler", "gain_db", "dB", 0.01, still, lift, SAMPLE_READOUTS},
  };
  s->file.readouts = readouts;
  s->file.n_readouts = sizeof readouts / sizeof readouts[0];
  char *html = page_of(&s->file);
  check_page(html);
  assert_null(strstr(html, "Band 1 of the"));
  assert_non_null(
      strstr(html, "<h3>Band 2 of the compressor \xE2\x80\x9Cglue\xE2\x80\x9D works 10\xC2\xA0% of the time"));
  assert_non_null(strstr(html, "<h3>The compressor \xE2\x80\x9Crest\xE2\x80\x9D had nothing to do"));
  assert_int_equal(count_of(html, "had nothing to do"), 1);
  assert_non_null(strstr(html, "<h3>The leveler lifts by up to 2.0\xC2\xA0"
                               "dB</h3>"));
  lac_text_free(html);
  sample_free(s);
}

static void test_same_bytes_in_every_locale(void **state) {
  (void)state;
  ReportSample *s = sample_new();
  char *plain = page_of(&s->file);
  assert_true(comma_locale_enter());
  char *comma = page_of(&s->file);
  setlocale(LC_ALL, "C");
  assert_string_equal(plain, comma);
  lac_text_free(plain);
  lac_text_free(comma);
  sample_free(s);
}

/* --- Contrast: WCAG 2.2, relative luminance ----------------------------------------------------------------- */

static double luminance(const char *scheme, const char *variable) {
  char key[32];
  unsigned rgb[3];
  double linear[3];
  snprintf(key, sizeof key, "--%s:#", variable);
  const char *found = strstr(scheme, key);
  assert_non_null(found);
  assert_int_equal(sscanf(found + strlen(key), "%2x%2x%2x", &rgb[0], &rgb[1], &rgb[2]), 3);
  for (size_t i = 0; i < 3; i++) {
    double c = rgb[i] / 255.0;
    linear[i] = c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
  }
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}

static void check_contrast(const char *scheme, const char *front, const char *back, double least) {
  double a = luminance(scheme, front), b = luminance(scheme, back);
  double ratio = (fmax(a, b) + 0.05) / (fmin(a, b) + 0.05);
  if (ratio < least)
    fail_msg("%s on %s has %.2f:1, not %.1f:1", front, back, ratio, least);
}

static void test_contrast(void **state) {
  (void)state;
  static const char *const words[] = {"ink", "quiet", "good", "bad", "after"};
  static const char *const lines[] = {"before", "after", "edge", "zero", "good", "bad"};
  static const char *const backs[] = {"paper", "card"};
  const char *schemes[] = {lac_page_style, strstr(lac_page_style, "prefers-color-scheme:dark")};
  assert_non_null(schemes[1]);
  for (size_t s = 0; s < 2; s++)
    for (size_t b = 0; b < 2; b++) {
      for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        check_contrast(schemes[s], words[i], backs[b], 4.5);
      for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        check_contrast(schemes[s], lines[i], backs[b], 3);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_everything_is_there),
      cmocka_unit_test(test_words),
      cmocka_unit_test(test_silence),
      cmocka_unit_test(test_hostile_text),
      cmocka_unit_test(test_small_however_long),
      cmocka_unit_test(test_gains),
      cmocka_unit_test(test_same_bytes_in_every_locale),
      cmocka_unit_test(test_contrast),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
