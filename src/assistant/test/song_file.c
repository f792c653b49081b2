/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "assistant/test/song_file.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/random.h"

enum { BLOCK = 4096 };

static char folder[64];

static void must(bool right, const char *what) {
  if (right)
    return;
  fprintf(stderr, "song_file: %s failed\n", what);
  abort();
}

static double saw(double phase) {
  return 2.0 * (phase - floor(phase)) - 1.0;
}

/* The chords and hats of one channel, kick and bass apart. */
static double music(double t, unsigned channel, uint64_t frame, double chorus) {
  static const double roots_hz[4] = {55.0, 43.65, 65.41, 49.0};
  double root = roots_hz[(int)(t / 2.0) % 4] * (channel ? 1.0015 : 0.9985);
  double eighth = t * 4.0 - floor(t * 4.0);
  double hat = (lac_random_double(7, channel, frame) - lac_random_double(7, channel, frame - 1)) * exp(-eighth * 9.0);
  double chord = saw(t * root * 4.0) + saw(t * root * 5.0) + saw(t * root * 6.0);
  double noise = 2.0 * lac_random_double(9, channel, frame) - 1.0;
  return chorus * (0.05 * chord + 0.06 * hat + 0.008 * noise);
}

static double low_end(double t) {
  static const double roots_hz[4] = {55.0, 43.65, 65.41, 49.0};
  double beat = t * 2.0 - floor(t * 2.0);
  double kick = exp(-beat * 5.0) * sin(2.0 * M_PI * (24.0 * beat + 5.0 * (1.0 - exp(-beat * 16.0))));
  double bass = sin(2.0 * M_PI * t * roots_hz[(int)(t / 2.0) % 4]);
  return 0.30 * kick + 0.10 * bass;
}

static double sample(const SongFile *song, uint64_t frame, unsigned channel, double rate_hz) {
  double t = (double)frame / rate_hz;
  double chorus = (int)(t / 4.0) % 2 ? 1.0 : 0.6;
  double low = low_end(t) * pow(10.0, song->bass_db / 20.0);
  if (song->is_silent)
    return 0.0;
  if (song->is_nan)
    return (double)NAN;
  return (low + music(t, channel, frame + 1, chorus)) * pow(10.0, song->gain_db / 20.0);
}

void song_file_write(const SongFile *song) {
  LacSinkFormat format = {.rate_hz = song->rate_hz ? song->rate_hz : 44100,
                          .n_channels = song->n_channels ? song->n_channels : 2,
                          .bits = song->bits ? song->bits : 24,
                          .is_float = song->bits == 32};
  LacNotes notes = {0};
  LacTags tags = {0};
  LacSink *sink = NULL;
  format.n_frames = (uint64_t)(song->seconds * format.rate_hz);
  if (song->title)
    must(lac_tags_add(&tags, "TITLE", song->title) == LAC_OK, "tag");
  format.tags = &tags;
  must(lac_container_from_path(song->path, &format.container) == LAC_OK, "container");
  must(lac_sink_open(song->path, true, &format, &sink, &notes, NULL) == LAC_OK, "open");
  double full = format.bits == 16 ? 32768.0 : 8388608.0;
  for (uint64_t at = 0; at < format.n_frames; at += BLOCK) {
    static float floats[2][BLOCK];
    static int32_t integers[2][BLOCK];
    uint32_t n = (uint32_t)(format.n_frames - at < BLOCK ? format.n_frames - at : BLOCK);
    for (unsigned c = 0; c < format.n_channels; c++) {
      for (uint32_t i = 0; i < n; i++) {
        double value = sample(song, at + i, c, format.rate_hz);
        double scaled = rint(value * full);
        floats[c][i] = (float)value;
        integers[c][i] = isnan(scaled) ? 0
                                       : (int32_t)(scaled > full - 1.0 ? full - 1.0
                                                   : scaled < -full    ? -full
                                                                       : scaled);
      }
    }
    const float *const f[2] = {floats[0], floats[1]};
    const int32_t *const k[2] = {integers[0], integers[1]};
    LacStatus status =
        format.is_float ? lac_sink_write_floats(sink, f, n, NULL) : lac_sink_write_integers(sink, k, n, NULL);
    must(status == LAC_OK, "write");
  }
  must(lac_sink_commit(sink, NULL) == LAC_OK, "commit");
  lac_notes_free(&notes);
  lac_tags_free(&tags);
}

const char *song_folder_new(void) {
  snprintf(folder, sizeof folder, "/tmp/lacquer-songs-XXXXXX");
  must(mkdtemp(folder) != NULL, "mkdtemp");
  return folder;
}

const char *song_path(const char *name) {
  enum { MOST = 64 };
  static char paths[MOST][384];
  static unsigned count;
  char path[sizeof paths[0]];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  for (unsigned i = 0; i < count; i++)
    if (strcmp(paths[i], path) == 0)
      return paths[i];
  must(count < MOST, "song_path");
  return strcpy(paths[count++], path);
}

/* Calls `remove` or counts; "." and ".." left out. */
static size_t walk(bool removes) {
  DIR *open = opendir(folder);
  size_t count = 0;
  must(open != NULL, "opendir");
  for (struct dirent *entry = readdir(open); entry; entry = readdir(open)) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
      continue;
    count++;
    if (removes) {
      char path[512];
      snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
      remove(path);
    }
  }
  closedir(open);
  return count;
}

size_t song_folder_count(void) {
  return walk(false);
}

void song_folder_remove(void) {
  walk(true);
  must(rmdir(folder) == 0, "rmdir");
}
