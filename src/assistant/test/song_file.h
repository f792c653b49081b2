/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Short songs with a fixed seed, written as WAV files for tests of the assistant and of whole jobs. */

#ifndef LAC_ASSISTANT_TEST_SONG_FILE_H
#define LAC_ASSISTANT_TEST_SONG_FILE_H

#include <lacquer/media.h>

typedef struct SongFile {
  const char *path;
  double seconds;
  uint32_t rate_hz;    /* 0: 44100 */
  unsigned n_channels; /* 0: 2 */
  unsigned bits;       /* 0: 24; 16, 24, 32 (float) */
  double gain_db;      /* of the mix, which peaks near -5 dBFS; integers are clipped at full scale */
  double bass_db;      /* extra gain of kick and bass */
  bool is_silent;
  bool is_nan;       /* nothing but NaN (float) */
  const char *title; /* a tag, or NULL */
} SongFile;

/* Kick, bass, chords and hats at 120 beats per minute, a verse and a chorus of four seconds each. Aborts the test
 * program on failure. */
void song_file_write(const SongFile *song);

/* A new folder for a test's files, and its end: removes the files in it. Not thread-safe. */
const char *song_folder_new(void);
/* FOLDER/name, valid to the end of the program. At most 64 names. */
const char *song_path(const char *name);
void song_folder_remove(void);
/* Names in the folder, hidden ones included. */
size_t song_folder_count(void);

#endif
