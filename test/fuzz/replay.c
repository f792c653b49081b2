/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* replay FILE|FOLDER...: run a fuzz target over saved inputs, so that old finds stay mended in every build. */

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes);

static int replay_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    perror(path);
    return 1;
  }
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  uint8_t *bytes = malloc(size > 0 ? (size_t)size : 1);
  size_t n = bytes && size > 0 ? fread(bytes, 1, (size_t)size, file) : 0;
  fclose(file);
  LLVMFuzzerTestOneInput(bytes, n);
  free(bytes);
  return 0;
}

static int replay(const char *path, int *count) {
  struct stat info;
  if (stat(path, &info) != 0) {
    perror(path);
    return 1;
  }
  if (!S_ISDIR(info.st_mode)) {
    ++*count;
    return replay_file(path);
  }
  DIR *folder = opendir(path);
  int failed = !folder;
  for (struct dirent *entry; folder && (entry = readdir(folder));) {
    char name[4096];
    if (entry->d_name[0] == '.')
      continue;
    snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
    failed |= replay(name, count);
  }
  if (folder)
    closedir(folder);
  return failed;
}

int main(int argc, char **argv) {
  int count = 0, failed = 0;
  for (int i = 1; i < argc; i++)
    failed |= replay(argv[i], &count);
  printf("%d inputs replayed\n", count);
  return failed || count == 0;
}
