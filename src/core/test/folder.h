/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A folder of its own for each file test, with everything in it removed at the end. */

#ifndef LAC_CORE_TEST_FOLDER_H
#define LAC_CORE_TEST_FOLDER_H

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEST_PATH_SIZE = 512 };

typedef struct TestFolder {
  char path[64];
} TestFolder;

static inline bool test_folder_make(TestFolder *folder) {
  snprintf(folder->path, sizeof folder->path, "/tmp/lacquer-test-XXXXXX");
  return mkdtemp(folder->path) != NULL;
}

static inline const char *test_path(const TestFolder *folder, const char *name, char path[TEST_PATH_SIZE]) {
  snprintf(path, TEST_PATH_SIZE, "%s/%s", folder->path, name);
  return path;
}

static inline int test_folder_count(const TestFolder *folder) {
  DIR *directory = opendir(folder->path);
  int count = 0;
  for (struct dirent *entry; directory && (entry = readdir(directory));)
    count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
  if (directory)
    closedir(directory);
  return count;
}

static inline void test_folder_remove(const TestFolder *folder) {
  char path[TEST_PATH_SIZE];
  DIR *directory = opendir(folder->path);
  for (struct dirent *entry; directory && (entry = readdir(directory));)
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
        unlink(test_path(folder, entry->d_name, path)) != 0)
      rmdir(path);
  if (directory)
    closedir(directory);
  rmdir(folder->path);
}

/* The folder of this test program, while test_folder_setup holds it. */
static TestFolder test_folder;

/* For one test or a whole group: *state is the folder too. New files get the usual rights. */
static inline int test_folder_setup(void **state) {
  *state = &test_folder;
  umask(022);
  return test_folder_make(&test_folder) ? 0 : -1;
}

static inline int test_folder_teardown(void **state) {
  (void)state;
  test_folder_remove(&test_folder);
  return 0;
}

/* By stdio, so that our own layer is not judged by itself. */
static inline bool test_file_put(const char *path, const char *text) {
  FILE *file = fopen(path, "wb");
  if (!file)
    return false;
  bool is_written = fwrite(text, 1, strlen(text), file) == strlen(text);
  return fclose(file) == 0 && is_written;
}

/* The first bytes of a file as text; "(missing)" when it cannot be opened. */
static inline const char *test_file_get(const char *path, char *text, size_t size) {
  FILE *file = fopen(path, "rb");
  if (!file)
    return "(missing)";
  size_t length = fread(text, 1, size - 1, file);
  fclose(file);
  text[length] = '\0';
  return text;
}

#endif
