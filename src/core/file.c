/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/file.h"

#include "core/memory.h"
#include "core/posix_file.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool lac_same_file(const char *path_a, const char *path_b) {
  struct stat a, b;
  return stat(path_a, &a) == 0 && stat(path_b, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* The file that a write to `path` would make: links that dangle are followed by hand. False when it cannot be told. */
static bool place_of(const char *path, char folder[PATH_MAX], char name[NAME_MAX + 1]) {
  char now[PATH_MAX], link[PATH_MAX];
  if (snprintf(now, sizeof now, "%s", path) >= (int)sizeof now)
    return false;
  for (int hops = 0; hops < 40; hops++) {
    const char *slash = strrchr(now, '/');
    const char *last = slash ? slash + 1 : now;
    int length = slash ? (int)(slash - now) : 0;
    if (snprintf(name, NAME_MAX + 1, "%s", last) > NAME_MAX)
      return false;
    snprintf(folder, PATH_MAX, "%.*s", slash ? (length ? length : 1) : 1, slash ? now : ".");
    ssize_t n = readlink(now, link, sizeof link - 1);
    if (n < 0)
      return true;
    link[n] = '\0';
    int written =
        link[0] == '/' ? snprintf(now, sizeof now, "%s", link) : snprintf(now, sizeof now, "%s/%s", folder, link);
    if (written >= (int)sizeof now)
      return false;
  }
  return false;
}

bool lac_same_target(const char *path_a, const char *path_b) {
  char folder_a[PATH_MAX], folder_b[PATH_MAX], name_a[NAME_MAX + 1], name_b[NAME_MAX + 1];
  if (strcmp(path_a, path_b) == 0 || lac_same_file(path_a, path_b))
    return true;
  return place_of(path_a, folder_a, name_a) && place_of(path_b, folder_b, name_b) && strcmp(name_a, name_b) == 0 &&
         lac_same_file(folder_a, folder_b);
}

bool lac_path_exists(const char *path) {
  struct stat info;
  return lstat(path, &info) == 0;
}

bool lac_path_is_directory(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* Reads to the end rather than to the promised size: files of /proc promise none, and others grow. */
static LacStatus read_to_end(LacInput *input, size_t max_bytes, char **bytes, size_t *n_bytes) {
  uint64_t promised = lac_input_size(input);
  size_t capacity = promised < 4096 ? 4096 : promised < max_bytes ? (size_t)promised + 1 : max_bytes;
  *bytes = NULL;
  *n_bytes = 0;
  for (;;) {
    char *grown = lac_realloc(*bytes, capacity + 1, 1);
    if (!grown)
      return LAC_ERR_MEMORY;
    *bytes = grown;
    size_t n_read;
    LacStatus status = lac_input_read_at(input, *n_bytes, *bytes + *n_bytes, capacity - *n_bytes, &n_read);
    *n_bytes += n_read;
    (*bytes)[*n_bytes] = '\0';
    if (status != LAC_OK)
      return status;
    if (*n_bytes > max_bytes)
      return LAC_ERR_LIMIT;
    if (*n_bytes < capacity)
      return LAC_OK;
    if (!lac_mul_size(capacity, 2, &capacity))
      return LAC_ERR_MEMORY;
  }
}

LacStatus lac_file_read_all(const char *path, size_t max_bytes, char **bytes, size_t *n_bytes, LacError *error) {
  *bytes = NULL;
  *n_bytes = 0;
  LacInput *input = NULL;
  LacStatus status = lac_input_open(path, &input, error);
  if (status != LAC_OK)
    return status;
  char shown[LAC_SHOWN_PATH_SIZE];
  lac_shown_path(path, false, shown);
  status = lac_input_size(input) > max_bytes ? LAC_ERR_LIMIT : read_to_end(input, max_bytes, bytes, n_bytes);
  lac_input_close(input);
  if (status == LAC_OK)
    return LAC_OK;
  lac_free(*bytes);
  *bytes = NULL;
  *n_bytes = 0;
  if (status == LAC_ERR_LIMIT)
    return lac_error_set(
        error, status, "INPUT_TOO_LARGE",
        "%s is larger than %zu bytes, too large for a file of its kind. Check that it is the right file.", shown,
        max_bytes);
  if (status == LAC_ERR_MEMORY)
    return lac_error_set(error, status, "MEMORY", "Not enough memory to read %s.", shown);
  return lac_error_set(error, status, "INPUT_UNREADABLE",
                       "%s cannot be read to its end. Copy it to another disk and try again.", shown);
}

LacStatus lac_file_write_all(const char *path, const void *bytes, size_t n_bytes, bool may_replace, LacError *error) {
  LacOutput *output = NULL;
  LacStatus status = lac_output_open(path, may_replace, &output, error);
  if (status != LAC_OK)
    return status;
  /* A failed write is remembered by the output, and commit says it. */
  lac_output_write(output, bytes, n_bytes);
  return lac_output_commit(output, error);
}
