/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/memory.h"
#include "core/posix_file.h"

static int by_bytes(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool ends_in(const char *name, const char *ending) {
  const size_t length = strlen(name), tail = strlen(ending);
  return length > tail && strcmp(name + length - tail, ending) == 0;
}

/* Folders, pipes and devices are none; what cannot be asked is for its reader to say. */
static bool may_be_a_file(DIR *folder, const char *name) {
  struct stat info;
  return fstatat(dirfd(folder), name, &info, 0) != 0 || S_ISREG(info.st_mode);
}

static LacStatus keep(char ***names, size_t *count, const char *name) {
  char **grown = lac_realloc(*names, *count + 1, sizeof **names);
  if (!grown)
    return LAC_ERR_MEMORY;
  *names = grown;
  grown[*count] = lac_strdup(name);
  if (!grown[*count])
    return LAC_ERR_MEMORY;
  ++*count;
  return LAC_OK;
}

LacStatus lac_folder_list(const char *path, const char *ending, size_t most, char ***names, size_t *count,
                          LacError *error) {
  char shown[LAC_SHOWN_PATH_SIZE];
  *names = NULL;
  *count = 0;
  DIR *folder = opendir(path);
  if (!folder && (errno == ENOENT || errno == ENOTDIR))
    return LAC_OK;
  if (!folder)
    return lac_error_set(error, LAC_ERR_READ, "INPUT_UNREADABLE", "The folder %s cannot be read: %s.",
                         lac_shown_path(path, false, shown), strerror(errno));
  LacStatus status = LAC_OK;
  for (struct dirent *entry; status == LAC_OK && (entry = readdir(folder));) {
    if (entry->d_name[0] == '.' || !ends_in(entry->d_name, ending) || !may_be_a_file(folder, entry->d_name))
      continue;
    status = *count < most ? keep(names, count, entry->d_name) : LAC_ERR_LIMIT;
  }
  closedir(folder);
  if (status != LAC_OK) {
    lac_folder_list_free(*names, *count);
    *names = NULL;
    *count = 0;
    return status == LAC_ERR_LIMIT ? lac_error_set(error, status, "FOLDER_TOO_FULL",
                                                   "The folder %s holds more than %zu %s files; keep fewer in it.",
                                                   lac_shown_path(path, false, shown), most, ending)
                                   : lac_error_set(error, status, "MEMORY", "Out of memory.");
  }
  if (*count > 1)
    qsort(*names, *count, sizeof **names, by_bytes);
  return LAC_OK;
}

void lac_folder_list_free(char **names, size_t count) {
  for (size_t i = 0; i < count; i++)
    lac_free(names[i]);
  lac_free(names);
}
