/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The room as it is heard: every figure is read from impulse responses of the processor itself. */

#include <lacquer/processor.h>

#include "core/test/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/delay_network.h"
#include "dsp/elementary.h"
#include "dsp/fft.h"
#include "processors/processor_class.h"
#include "processors/test/processor_signal.h"

static const double rates[] = {44100, 48000, 96000};
enum { N_RATES = sizeof rates / sizeof rates[0] };

typedef struct Setting {
  const char *id;
  double value;
} Setting;

static void set(LacProcessor *p, const char *id, double value) {
  assert_int_equal(lac_processor_set(p, test_param(p, id, 0), value, p->frame), LAC_OK);
}

/* The send wide open, no predelay, the return at -6 dB, then `settings`, ended by a row without id. */
static LacProcessor *new_reverb(double rate_hz, unsigned n_channels, const Setting *settings) {
  LacProcessor *p = NULL;
  assert_int_equal(lac_processor_new(lac_processor_class_find("reverb"), &p), LAC_OK);
  const Setting open[] = {{"return_db", -6},        {"predelay_ms", 0},         {"high_time_percent", 100},
                          {"send_highpass_hz", 20}, {"send_lowpass_hz", 20000}, {NULL, 0}};
  for (const Setting *s = open; s->id; s++) {
    set(p, s->id, s->value);
  }
  for (const Setting *s = settings; s && s->id; s++) {
    set(p, s->id, s->value);
  }
  LacProcessorSetup setup = test_setup(rate_hz, n_channels, 4096, 0, NULL);
  assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
  return p;
}

/* Only what the room adds to an impulse in one channel. */
static TestSignal room_response(LacProcessor *p, unsigned channel, double seconds) {
  TestSignal x = test_silence(2, (size_t)(seconds * p->setup.rate_hz));
  x.channels[channel][0] = 1.0F;
  lac_processor_reset(p);
  test_run(p, &x, 4096);
  x.channels[channel][0] -= 1.0F;
  return x;
}

/* ---- decay ---- */

enum { N_OCTAVES = 6 };

/* The share of f in the octave around `middle`, by power: flat within, raised cosines of a sixth of an octave. */
static double octave_share(double f, double middle) {
  if (f < 0.6 * middle || f > 1.6 * middle) {
    return 0;
  }
  const double away = fabs(log2(f / middle));
  return away < 5.0 / 12 ? 1 : away > 7.0 / 12 ? 0 : 0.5 + 0.5 * cos((away - 5.0 / 12) * 6 * LAC_PI);
}

typedef struct Decays {
  double *energy[N_OCTAVES]; /* left in the octave from frame i on (Schroeder 1965), summed over all responses */
  size_t n_frames;
} Decays;

static void add_response(Decays *decays, const float *x, double rate_hz) {
  uint32_t n = 16;
  while (n < decays->n_frames) {
    n *= 2;
  }
  LacFft64 *fft = NULL;
  assert_int_equal(lac_fft64_new(n, &fft), LAC_OK);
  double *in = aligned_alloc(64, n * sizeof *in), *scratch = aligned_alloc(64, 8 * lac_fft64_scratch_doubles(fft));
  double *spectrum = aligned_alloc(64, (2 * (n / 2 + 64)) * sizeof *spectrum);
  double *band = aligned_alloc(64, (2 * (n / 2 + 64)) * sizeof *band);
  assert_true(in && scratch && spectrum && band);
  double *im = spectrum + n / 2 + 64, *band_im = band + n / 2 + 64;
  for (uint32_t i = 0; i < n; i++) {
    in[i] = i < decays->n_frames ? (double)x[i] : 0;
  }
  lac_fft64_forward(fft, in, spectrum, im, scratch);
  for (unsigned o = 0; o < N_OCTAVES; o++) {
    for (uint32_t k = 0; k <= n / 2; k++) {
      const double share = sqrt(octave_share(k * rate_hz / n, 250 << o));
      band[k] = share * spectrum[k];
      band_im[k] = share * im[k];
    }
    lac_fft64_inverse(fft, band, band_im, in, scratch);
    double sum = 0;
    for (size_t i = decays->n_frames; i-- > 0;) {
      sum += in[i] * in[i];
      decays->energy[o][i] += sum;
    }
  }
  free(in);
  free(scratch);
  free(spectrum);
  free(band);
  lac_fft64_free(fft);
}

/* 60 dB by the straight line through the fall from -5 to -25 dB; energy(i) at n points `step_s` apart. */
static double decay_time(const double *energy, size_t n, double step_s) {
  double count = 0, t1 = 0, t2 = 0, d1 = 0, td = 0;
  for (size_t i = 0; i < n; i++) {
    const double db = 10 * log10(energy[i] / energy[0] + 1e-30), t = (double)i * step_s;
    if (db <= -5 && db >= -25) {
      count++, t1 += t, t2 += t * t, d1 += db, td += t * db;
    }
  }
  return -60.0 / ((count * td - t1 * d1) / (count * t2 - t1 * t1));
}

/* The same line through the decay of ideal noise, every frequency of the octave with its own time. */
static double ideal_decay_time(const LacDecay *decay, double middle) {
  enum { N = 2000, BINS = 120 };
  double energy[N] = {0};
  const double step_s = 2.0 * decay->time_s / N;
  for (int k = 0; k < BINS; k++) {
    const double f = middle * pow(2, (k + 0.5) / BINS * 1.4 - 0.7), time = lac_decay_time(decay, f);
    const double share = f * octave_share(f, middle) * time;
    for (int i = 0; i < N; i++) {
      energy[i] += share * pow(10, -6 * i * step_s / time);
    }
  }
  return decay_time(energy, N, step_s);
}

/* The mean over five sizes around 100, both ways in and both ways out; or of one size. */
static double worst_decay_error(double rate_hz, const LacDecay *decay, bool one_size) {
  Decays decays = {.n_frames = (size_t)(fmax(0.6, 1.6 * decay->time_s * fmax(1, decay->low)) * rate_hz)};
  for (unsigned o = 0; o < N_OCTAVES; o++) {
    decays.energy[o] = calloc(decays.n_frames, sizeof(double));
    assert_non_null(decays.energy[o]);
  }
  for (double size = one_size ? 100 : 80; size <= (one_size ? 100 : 120); size += 10) {
    const Setting settings[] = {{"time_s", decay->time_s},
                                {"size_percent", size},
                                {"low_time_percent", 100 * decay->low},
                                {"low_hz", decay->low_hz},
                                {"high_time_percent", 100 * decay->high},
                                {"high_hz", decay->high_hz},
                                {NULL, 0}};
    LacProcessor *p = new_reverb(rate_hz, 2, settings);
    for (unsigned c = 0; c < 2; c++) {
      TestSignal x = room_response(p, c, (double)(decays.n_frames + 1) / rate_hz);
      add_response(&decays, x.channels[0], rate_hz);
      add_response(&decays, x.channels[1], rate_hz);
      test_signal_free(&x);
    }
    lac_processor_free(p);
  }
  double worst = 0;
  print_message("%5.0f Hz, %.1f s, low %.1f, high %.1f:", rate_hz, decay->time_s, decay->low, decay->high);
  for (unsigned o = 0; o < N_OCTAVES; o++) {
    const double error =
        decay_time(decays.energy[o], decays.n_frames, 1 / rate_hz) / ideal_decay_time(decay, 250 << o) - 1;
    print_message(" %+.1f", 100 * error);
    worst = fmax(worst, fabs(error));
    free(decays.energy[o]);
  }
  print_message(" %%\n");
  return worst;
}

/* The bar: T60 within 5 % in every octave. One room of 16 lines is one draw of a random field, whose own decay scatters
 * by more than that in the low octaves: the mean is what counts, and the size that is the default. */
static void test_decay(void **state) {
  (void)state;
  static const LacDecay decays[] = {{0.3, 1, 250, 0.6, 5000}, {0.6, 1, 250, 0.5, 4000}, {1.0, 1.5, 300, 0.4, 3000}};
  static const LacDecay alone[] = {{0.3, 1, 250, 0.6, 5000}, {0.5, 1, 250, 0.6, 5000}, {1.0, 1, 250, 0.6, 5000}};
  for (size_t r = 0; r < test_at_most(N_RATES); r++) {
    for (unsigned k = rates[r] > 48000; k < 3; k++) { /* 96 kHz takes twice as long: two are enough */
      assert_true(worst_decay_error(rates[r], &decays[k], false) <= 0.05);
    }
    for (unsigned k = 0; k < 3; k++) {
      assert_true(worst_decay_error(rates[r], &alone[k], true) <= 0.05);
    }
  }
}

/* ---- density ---- */

/* Echo density of J. S. Abel and P. Huang, "A simple, robust measure of reverberation echo density", AES 121, 2006: the
 * share of samples beyond one standard deviation in a Hann window of 20 ms, over what normal noise has. */
static double echo_density(const float *x, double rate_hz, double at_s) {
  const int half = (int)(0.01 * rate_hz), at = (int)(at_s * rate_hz);
  double weights = 0, power = 0, beyond = 0;
  for (int i = -half; i <= half; i++) {
    const double w = 0.5 + 0.5 * cos(LAC_PI * i / (half + 1));
    weights += w;
    power += w * (double)x[at + i] * (double)x[at + i];
  }
  for (int i = -half; i <= half; i++) {
    const double w = 0.5 + 0.5 * cos(LAC_PI * i / (half + 1)), v = (double)x[at + i];
    beyond += v * v > power / weights ? w : 0;
  }
  return beyond / weights / 0.31731;
}

/* The bar: 0.9 by 60 ms; and no hole after it. */
static void test_density(void **state) {
  (void)state;
  static const double sizes[] = {50, 80, 100};
  for (size_t r = 0; r < test_at_most(N_RATES); r++) {
    for (unsigned k = 0; k < 3; k++) {
      const Setting settings[] = {{"time_s", 0.6}, {"size_percent", sizes[k]}, {"send_lowpass_hz", 7000}, {NULL, 0}};
      LacProcessor *p = new_reverb(rates[r], 2, settings);
      double least = 9, mean = 0;
      for (unsigned way = 0; way < 4; way++) {
        TestSignal x = room_response(p, way / 2, 0.5);
        const float *h = x.channels[way % 2];
        for (double t = 0.06; t < 0.3; t += 0.01) {
          least = fmin(least, echo_density(h, rates[r], t));
        }
        mean += 0.25 * echo_density(h, rates[r], 0.06);
        test_signal_free(&x);
      }
      print_message("%5.0f Hz, size %3.0f %%: echo density at 60 ms %.2f, least until 300 ms %.2f\n", rates[r],
                    sizes[k], mean, least);
      assert_true(mean >= 0.9);
      assert_true(least >= 0.8);
      lac_processor_free(p);
    }
  }
}

/* ---- colour ---- */

typedef struct Colour {
  double deviation_db, highest_db; /* of the lines of a spectrum: their scatter, and the highest over the median */
} Colour;

static int by_value(const void *a, const void *b) {
  return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

/* 300 Hz to 6 kHz of what follows from_s, undone of its decay so that all of it counts alike. */
static Colour colour_of(const float *x, double rate_hz, double time_s, double from_s, double length_s) {
  size_t n = 1;
  while ((double)n < length_s * rate_hz) {
    n *= 2;
  }
  float *late = calloc(n, sizeof *late);
  assert_non_null(late);
  for (size_t i = 0; i < (size_t)(length_s * rate_hz); i++) {
    late[i] = (float)((double)x[i + (size_t)(from_s * rate_hz)] * pow(10, 3 * (double)i / rate_hz / time_s));
  }
  double *spectrum = test_spectrum(late, n);
  const size_t first = (size_t)(300 * (double)n / rate_hz), end = (size_t)(6000 * (double)n / rate_hz);
  double sum = 0, squares = 0;
  for (size_t k = first; k < end; k++) {
    spectrum[k] = 20 * log10(spectrum[k] + 1e-30);
    sum += spectrum[k];
    squares += spectrum[k] * spectrum[k];
  }
  const double count = (double)(end - first), mean = sum / count;
  qsort(spectrum + first, end - first, sizeof *spectrum, by_value);
  const Colour colour = {sqrt(squares / count - mean * mean), spectrum[end - 1] - spectrum[(first + end) / 2]};
  free(spectrum);
  free(late);
  return colour;
}

/* The bars: the late spectrum scatters at most 1.5 dB more than that of ideal noise (5.57 dB) for all times that glue
 * asks for (with 2 s there are too few modes for that), and no mode rings: a
 * line that outlives the others would stand out more and more. */
static void test_colour(void **state) {
  (void)state;
  static const double times[] = {0.3, 0.6, 1.0, 2.0};
  for (size_t r = 0; r < test_at_most(N_RATES); r++) {
    for (unsigned k = 0; k < 4; k++) {
      const Setting settings[] = {{"time_s", times[k]}, {NULL, 0}};
      LacProcessor *p = new_reverb(rates[r], 2, settings);
      const double length_s = fmax(0.5, times[k]);
      TestSignal room = room_response(p, 0, 0.1 + 2.2 * length_s), noise = test_noise(1, room.n_frames, 1.0, k + 1);
      for (size_t i = 0; i < noise.n_frames; i++) {
        noise.channels[0][i] *= (float)pow(10, -3 * (double)i / rates[r] / times[k]);
      }
      const Colour early = colour_of(room.channels[0], rates[r], times[k], 0.1, length_s);
      const Colour late = colour_of(room.channels[0], rates[r], times[k], 0.1 + length_s, length_s);
      const Colour ideal = colour_of(noise.channels[0], rates[r], times[k], 0.1, length_s);
      print_message(
          "%5.0f Hz, %.1f s: scatter %.2f, a decay later %.2f dB (noise %.2f); highest %.1f, %.1f dB (%.1f)\n",
          rates[r], times[k], early.deviation_db, late.deviation_db, ideal.deviation_db, early.highest_db,
          late.highest_db, ideal.highest_db);
      const double most = ideal.deviation_db + (times[k] <= 1.0 ? 1.5 : 2.5);
      assert_true(early.deviation_db <= most && late.deviation_db <= most);
      assert_true(late.highest_db <= early.highest_db + 4 &&
                  early.highest_db <= ideal.highest_db + (times[k] <= 1.0 ? 5 : 8));
      test_signal_free(&room);
      test_signal_free(&noise);
      lac_processor_free(p);
    }
  }
}

/* ---- level, width, rest ---- */

static double power_of(const float *x, size_t from, size_t end) {
  double sum = 0;
  for (size_t i = from; i < end; i++) {
    sum += (double)x[i] * (double)x[i];
  }
  return sum / (double)(end - from);
}

/* return_db is what it says, whatever time and size, in stereo and in mono. */
static void test_return_level(void **state) {
  (void)state;
  static const double times[] = {0.3, 0.6, 1.0, 3.0}, sizes[] = {60, 100, 150};
  double worst = 0;
  for (unsigned k = 0; k < 12; k++) {
    for (unsigned n_channels = 1; n_channels <= 2; n_channels++) {
      const Setting settings[] = {
          {"time_s", times[k / 3]}, {"size_percent", sizes[k % 3]}, {"return_db", -20}, {NULL, 0}};
      LacProcessor *p = new_reverb(48000, n_channels, settings);
      const size_t settle = (size_t)(48000 * (times[k / 3] + 0.2)), n = settle + 48000;
      TestSignal in = test_noise(n_channels, n, 0.5, k + 1), out = test_copy(&in);
      test_run(p, &out, 4096);
      double added = 0, dry = 0;
      for (unsigned c = 0; c < n_channels; c++) {
        for (size_t i = 0; i < n; i++) {
          out.channels[c][i] -= in.channels[c][i];
        }
        added += power_of(out.channels[c], settle, n);
        dry += power_of(in.channels[c], settle, n);
      }
      const double db = 10 * log10(added / dry) + 20;
      /* The send takes 20..24 kHz off. */
      worst = fmax(worst, fabs(db - 10 * log10(21.0 / 24.0)));
      test_signal_free(&in);
      test_signal_free(&out);
      lac_processor_free(p);
    }
  }
  print_message("return level: worst error %.2f dB\n", worst);
  assert_true(worst <= 1.0);
}

/* The room stands in the middle: by each of the two exits half of the lines are heard, the longer ones more faintly. */
static void test_balance(void **state) {
  (void)state;
  static const double times[] = {0.3, 0.6, 1.2}, sizes[] = {50, 100, 150};
  double worst = 0;
  for (unsigned k = 0; k < 9; k++) {
    const Setting settings[] = {{"time_s", times[k / 3]}, {"size_percent", sizes[k % 3]}, {NULL, 0}};
    LacProcessor *p = new_reverb(44100, 2, settings);
    const size_t settle = 44100, n = 5 * settle;
    TestSignal in = test_noise(2, n, 0.1, k + 1), out = test_copy(&in);
    test_run(p, &out, 4096);
    double power[2];
    for (unsigned c = 0; c < 2; c++) {
      for (size_t i = 0; i < n; i++) {
        out.channels[c][i] -= in.channels[c][i];
      }
      power[c] = power_of(out.channels[c], settle, n);
    }
    const double db = 10 * log10(power[1] / power[0]);
    print_message("%.1f s, size %3.0f %%: right over left %+.2f dB\n", times[k / 3], sizes[k % 3], db);
    worst = fmax(worst, fabs(db));
    test_signal_free(&in);
    test_signal_free(&out);
    lac_processor_free(p);
  }
  assert_true(worst <= 0.5);
}

/* Sides only: the mono sum is the song's, to the last rounding. */
static void test_mono_safe(void **state) {
  (void)state;
  const Setting settings[] = {{"width_percent", 200}, {"return_db", -10}, {NULL, 0}};
  LacProcessor *p = new_reverb(44100, 2, settings);
  TestSignal in = test_noise(2, 44100, 0.5, 9), out = test_copy(&in);
  test_run(p, &out, 512);
  double error = 0, change = 0, song = 0;
  for (size_t i = 0; i < in.n_frames; i++) {
    const double before = (double)in.channels[0][i] + (double)in.channels[1][i];
    const double after = (double)out.channels[0][i] + (double)out.channels[1][i];
    const double moved = (double)out.channels[0][i] - (double)in.channels[0][i];
    error += (after - before) * (after - before);
    change += moved * moved;
    song += before * before;
  }
  print_message("sides only: mono sum %.1f dB, return %.1f dB\n", 10 * log10(error / song), 10 * log10(change / song));
  assert_true(10 * log10(error / song) <= -140 && 10 * log10(change / song) > -20);
  test_signal_free(&in);
  test_signal_free(&out);
  lac_processor_free(p);
}

/* Left and right of the return have nothing in common at width 100, everything at 0. */
static void test_width(void **state) {
  (void)state;
  static const double widths[] = {0, 100};
  for (unsigned k = 0; k < 2; k++) {
    const Setting settings[] = {{"width_percent", widths[k]}, {NULL, 0}};
    LacProcessor *p = new_reverb(48000, 2, settings);
    TestSignal x = room_response(p, 0, 0.6);
    double product = 0;
    for (size_t i = 0; i < x.n_frames; i++) {
      product += (double)x.channels[0][i] * (double)x.channels[1][i];
    }
    const double both = sqrt(power_of(x.channels[0], 0, x.n_frames) * power_of(x.channels[1], 0, x.n_frames));
    const double correlation = product / (double)x.n_frames / both;
    print_message("width %.0f %%: correlation %.3f\n", widths[k], correlation);
    assert_true(k == 0 ? correlation > 0.999 : fabs(correlation) < 0.1);
    test_signal_free(&x);
    lac_processor_free(p);
  }
}

/* The song ends, the room dies away: 60 dB down after the tail it reports, and then to exact zeros, not to denormals.
 */
static void test_tail_ends(void **state) {
  (void)state;
  const Setting settings[] = {{"time_s", 0.25}, {"low_time_percent", 150}, {NULL, 0}};
  LacProcessor *p = new_reverb(44100, 2, settings);
  TestSignal noise = test_noise(2, 20000, 0.5, 3);
  test_run(p, &noise, 4096);
  const uint64_t tail = lac_processor_tail_frames(p);
  TestSignal rest = test_silence(2, 44100 * 6);
  test_run(p, &rest, 4096);
  const double song = power_of(noise.channels[0], 0, 20000);
  assert_true(power_of(rest.channels[0], tail, tail + 2000) < 1e-6 * song);
  size_t last = 0;
  for (size_t i = 0; i < rest.n_frames; i++) {
    last = rest.channels[0][i] != 0 || rest.channels[1][i] != 0 ? i : last;
  }
  print_message("tail %.2f s, exact silence after %.2f s\n", (double)tail / 44100, (double)last / 44100);
  assert_true((double)tail < 44100 * 0.9 && last < 44100 * 5);
  test_signal_free(&noise);
  test_signal_free(&rest);
  lac_processor_free(p);
}

/* Switched off it rests, bit for bit; switched on again nothing is left of what was in the room. */
static void test_off_and_on(void **state) {
  (void)state;
  const Setting settings[] = {{"time_s", 3}, {NULL, 0}};
  LacProcessor *p = new_reverb(48000, 2, settings);
  TestSignal noise = test_noise(2, 48000, 0.5, 5), work = test_copy(&noise), silence = test_silence(2, 48000);
  test_run(p, &work, 512);
  set(p, "return_db", -60);
  test_run(p, &work, 512);
  assert_true(lac_processor_is_neutral(p) && lac_processor_tail_frames(p) == 0);
  TestSignal rest = test_copy(&noise);
  test_run(p, &rest, 512);
  assert_true(test_same_bits(&rest, &noise));
  set(p, "return_db", -6);
  test_run(p, &silence, 512);
  assert_false(lac_processor_is_neutral(p));
  for (size_t i = 0; i < silence.n_frames; i++) {
    assert_true(silence.channels[0][i] == 0 && silence.channels[1][i] == 0);
  }
  TestSignal *all[] = {&noise, &work, &silence, &rest};
  for (unsigned k = 0; k < 4; k++) {
    test_signal_free(all[k]);
  }
  lac_processor_free(p);
}

/* The highest line above 4 kHz in any 1024 frames while a value steps from one end to the other under a tone of 500 Hz
 * at full scale; the room at -20 dB. A click of one sample reads 45 dB below its height. */
static double click_db(const char *id, double from, double to) {
  enum { N = 1 << 15, WINDOW = 1024, FIRST_LINE = 4000 * WINDOW / 48000 };
  const Setting settings[] = {{"return_db", -20}, {id, from}, {NULL, 0}};
  LacProcessor *p = new_reverb(48000, 2, settings);
  TestSignal x = test_sine(2, 2 * N, 500, 48000, 1.0);
  for (unsigned i = 0; i < 2 * 10000; i++) { /* its own beginning must not be heard */
    x.channels[i % 2][i / 2] *= (float)(0.5 - 0.5 * cos(LAC_PI * (i / 2) / 10000));
  }
  assert_int_equal(lac_processor_set(p, test_param(p, id, 0), to, N + 5000), LAC_OK);
  test_run(p, &x, 4096);
  const double highest = test_highest_line(x.channels[0] + N, N, WINDOW, FIRST_LINE);
  test_signal_free(&x);
  lac_processor_free(p);
  return 20 * log10(highest);
}

static void test_changes_do_not_click(void **state) {
  (void)state;
  const LacProcessorInfo *info = lac_processor_class_info(lac_processor_class_find("reverb"));
  for (size_t i = 0; i < info->n_params; i++) {
    const LacParam *row = &info->params[i];
    const double up = click_db(row->id, row->minimum, row->maximum);
    const double down = click_db(row->id, row->maximum, row->minimum);
    print_message("%-18s up %.0f, down %.0f dB\n", row->id, up, down);
    assert_true(up < -112 && down < -112);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_decay),      cmocka_unit_test(test_density),
      cmocka_unit_test(test_colour),     cmocka_unit_test(test_return_level),
      cmocka_unit_test(test_balance),    cmocka_unit_test(test_mono_safe),
      cmocka_unit_test(test_width),      cmocka_unit_test(test_tail_ends),
      cmocka_unit_test(test_off_and_on), cmocka_unit_test(test_changes_do_not_click),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
