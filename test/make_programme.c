/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* make_programme OUT.wav SECONDS [RATE_HZ [BITS]]: a synthetic song with a fixed seed - kick, bass, chords, hats, a
 * quiet verse and a loud chorus - for tests and benchmarks that must not depend on a download. BITS 16, 24 or 32
 * (float). The mix peaks near -6 dBFS and is not limited. */

#include <lacquer/media.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 4096 };

typedef struct Programme {
  double rate_hz;
  uint64_t frame;
  uint32_t noise;
  double hat_low[2];
  double bass_low;
} Programme;

static double noise(Programme *song) {
  song->noise = song->noise * 1664525u + 1013904223u;
  return (double)(int32_t)song->noise / 2147483648.0;
}

static double saw(double phase) {
  return 2 * (phase - floor(phase)) - 1;
}

/* One frame: 120 beats per minute, bars of four; every second group of eight bars is the louder chorus. */
static void next_frame(Programme *song, double out[2]) {
  static const double roots_hz[4] = {55.0, 43.65, 65.41, 49.0};
  double t = (double)song->frame / song->rate_hz, beat = t * 2, in_beat = (beat - floor(beat)) / 2;
  int bar = (int)(beat / 4);
  double root = roots_hz[bar % 4], chorus = (bar / 8) % 2 ? 1.0 : 0.45;
  double kick = exp(-in_beat * 9) * sin(2 * M_PI * (48 * in_beat + 9 * (1 - exp(-in_beat * 30))));
  double cut = 1 - exp(-2 * M_PI * 350 / song->rate_hz);
  song->bass_low += cut * (saw(t * root) - song->bass_low);
  double half = beat * 2 - floor(beat * 2), snare_gate = ((int)beat % 2) ? exp(-in_beat * 16) : 0;
  double snare = snare_gate * (0.7 * noise(song) + 0.5 * sin(2 * M_PI * 190 * in_beat));
  for (int c = 0; c < 2; c++) {
    double side = c ? 1 : -1, chord = 0;
    for (int k = 0; k < 3; k++)
      chord += saw(t * root * 4 * (k == 0 ? 1 : k == 1 ? 1.2599 : 1.4983) * (1 + side * 0.0015 * (k + 1)));
    double white = noise(song);
    song->hat_low[c] += 0.5 * (white - song->hat_low[c]);
    double hat = (white - song->hat_low[c]) * exp(-half * 18);
    double music = 0.055 * chord * (0.75 + 0.25 * sin(2 * M_PI * 0.1 * t + side)) + 0.09 * hat * (1 + 0.3 * side);
    out[c] = 0.30 * kick + 0.16 * song->bass_low + chorus * (music + 0.14 * snare);
  }
  song->frame++;
}

static void write_frame(float *const *floats, int32_t *const *integers, uint32_t i, const double value[2],
                        unsigned bits) {
  double scale = bits == 16 ? 32768.0 : 8388608.0;
  for (int c = 0; c < 2; c++) {
    floats[c][i] = (float)value[c];
    integers[c][i] = (int32_t)rint(fmin(fmax(value[c], -1.0), 0.9999) * scale);
  }
}

int main(int argc, char **argv) {
  double seconds = argc > 2 ? atof(argv[2]) : 0, rate_hz = argc > 3 ? atof(argv[3]) : 44100;
  unsigned bits = argc > 4 ? (unsigned)atoi(argv[4]) : 24;
  if (argc < 3 || !(seconds > 0) || (bits != 16 && bits != 24 && bits != 32)) {
    fprintf(stderr, "usage: make_programme OUT.wav SECONDS [RATE_HZ [16|24|32]]\n");
    return 2;
  }
  Programme song = {.rate_hz = rate_hz, .noise = 12345};
  LacSinkFormat format = {.container = LAC_CONTAINER_WAV,
                          .rate_hz = (uint32_t)rate_hz,
                          .n_channels = 2,
                          .bits = bits,
                          .is_float = bits == 32,
                          .n_frames = (uint64_t)(seconds * rate_hz + 0.5)};
  if (lac_container_from_path(argv[1], &format.container) != LAC_OK)
    return 2;
  LacSink *sink = NULL;
  LacNotes notes = {0};
  LacError error = {0};
  LacStatus status = lac_sink_open(argv[1], true, &format, &sink, &notes, &error);
  static float left[BLOCK], right[BLOCK];
  static int32_t left_integers[BLOCK], right_integers[BLOCK];
  for (uint64_t done = 0; done < format.n_frames && status == LAC_OK; done += BLOCK) {
    uint32_t n = format.n_frames - done < BLOCK ? (uint32_t)(format.n_frames - done) : BLOCK;
    for (uint32_t i = 0; i < n; i++) {
      double value[2];
      next_frame(&song, value);
      write_frame((float *const[]){left, right}, (int32_t *const[]){left_integers, right_integers}, i, value, bits);
    }
    status = bits == 32
                 ? lac_sink_write_floats(sink, (const float *const[]){left, right}, n, &error)
                 : lac_sink_write_integers(sink, (const int32_t *const[]){left_integers, right_integers}, n, &error);
  }
  if (status == LAC_OK)
    status = lac_sink_commit(sink, &error);
  else
    lac_sink_abort(sink);
  lac_notes_free(&notes);
  if (status != LAC_OK)
    fprintf(stderr, "make_programme: %s\n", error.text);
  return status == LAC_OK ? 0 : 1;
}
