/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/file.h"

#include "core/memory.h"
#include "core/posix_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SPOOL_BLOCK_BYTES = 256 * 1024 };

struct LacInput {
  int fd;
  uint64_t start; /* standard input may be a file that something else has read the head of */
  uint64_t size;
  const uint8_t *bytes; /* borrowed memory instead of a descriptor */
};

static LacStatus cannot_open(const char *path, int error_number, LacError *error) {
  char shown[LAC_SHOWN_PATH_SIZE];
  lac_shown_path(path, false, shown);
  switch (error_number) {
  case ENOENT:
  case ENOTDIR:
    return lac_error_set(error, LAC_ERR_NOT_FOUND, "INPUT_MISSING", "%s does not exist. Check the name and the folder.",
                         path[0] ? shown : "The input with an empty name");
  case ELOOP:
    return lac_error_set(error, LAC_ERR_NOT_FOUND, "INPUT_MISSING",
                         "%s is a link that leads back to itself. Name the file itself.", shown);
  case EACCES:
  case EPERM:
    return lac_error_set(error, LAC_ERR_NOT_FOUND, "INPUT_UNREADABLE",
                         "%s may not be read by this user. Change its permissions, or those of its folder.", shown);
  case ENAMETOOLONG:
    return lac_error_set(error, LAC_ERR_NOT_FOUND, "INPUT_MISSING",
                         "%s does not exist: the name is longer than the system allows. Check the name.", shown);
  default:
    return lac_error_set(error, LAC_ERR_READ, "INPUT_UNREADABLE",
                         "%s cannot be read (%s). Copy it to another disk and try again.", shown,
                         strerrordesc_np(error_number) ? strerrordesc_np(error_number) : "unknown cause");
  }
}

static LacStatus is_a_directory(const char *path, LacError *error) {
  char shown[LAC_SHOWN_PATH_SIZE];
  return lac_error_set(error, LAC_ERR_NOT_FOUND, "INPUT_IS_DIRECTORY",
                       "%s is a folder, not a file. Name the file inside it.", lac_shown_path(path, false, shown));
}

static LacStatus spool_failed(const char *path, int error_number, LacError *error) {
  char shown[LAC_SHOWN_PATH_SIZE];
  lac_shown_path(path, false, shown);
  if (lac_posix_write_status(error_number) == LAC_ERR_NO_SPACE)
    return lac_error_set(error, LAC_ERR_NO_SPACE, "DISK_FULL",
                         "No space left on the disk of temporary files while reading %s. Free space there, or set "
                         "TMPDIR to a folder on a larger disk, and run again.",
                         shown);
  return lac_error_set(error, LAC_ERR_READ, "SCRATCH_UNWRITABLE",
                       "%s must be kept in a temporary file first, and that cannot be written. Set TMPDIR to a folder "
                       "that can be written.",
                       shown);
}

/* Everything from `fd` into an unlinked file whose descriptor becomes input->fd. */
static LacStatus spool(const char *path, int fd, LacInput *input, LacError *error) {
  int error_number;
  input->fd = lac_posix_scratch(&error_number);
  if (input->fd < 0)
    return spool_failed(path, error_number, error);
  char *block = lac_alloc(SPOOL_BLOCK_BYTES, 1);
  if (!block)
    return lac_error_set(error, LAC_ERR_MEMORY, "MEMORY", "Not enough memory to read the input.");
  LacStatus status = LAC_OK;
  for (size_t n_read = SPOOL_BLOCK_BYTES; status == LAC_OK && n_read == SPOOL_BLOCK_BYTES;) {
    error_number = lac_posix_read(fd, block, SPOOL_BLOCK_BYTES, &n_read);
    if (error_number) {
      status = cannot_open(path, error_number, error);
      break;
    }
    error_number = lac_posix_write_at(input->fd, input->size, block, n_read);
    if (error_number)
      status = spool_failed(path, error_number, error);
    input->size += n_read;
  }
  lac_free(block);
  return status;
}

/* Takes `fd`. */
static LacStatus adopt(const char *path, int fd, LacInput *input, LacError *error) {
  struct stat info;
  LacStatus status = LAC_OK;
  if (fstat(fd, &info) != 0) {
    status = cannot_open(path, errno, error);
  } else if (S_ISDIR(info.st_mode)) {
    status = is_a_directory(path, error);
  } else if (S_ISREG(info.st_mode)) {
    off_t position = lseek(fd, 0, SEEK_CUR);
    input->start = position > 0 ? (uint64_t)position : 0;
    uint64_t end = info.st_size > 0 ? (uint64_t)info.st_size : 0;
    input->size = end > input->start ? end - input->start : 0;
    input->fd = fd;
    return LAC_OK;
  } else {
    status = spool(path, fd, input, error);
  }
  close(fd);
  return status;
}

static int open_path(const char *path, int *error_number) {
  if (strcmp(path, "-") != 0)
    return lac_posix_open(path, O_RDONLY, 0, error_number);
  int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
  *error_number = fd < 0 ? errno : 0;
  return fd;
}

LacStatus lac_input_open(const char *path, LacInput **out, LacError *error) {
  *out = NULL;
  LacInput *input = lac_calloc(1, sizeof *input);
  if (!input)
    return lac_error_set(error, LAC_ERR_MEMORY, "MEMORY", "Not enough memory to open the input.");
  input->fd = -1;
  int error_number;
  int fd = open_path(path, &error_number);
  LacStatus status = fd < 0 ? cannot_open(path, error_number, error) : adopt(path, fd, input, error);
  if (status != LAC_OK) {
    lac_input_close(input);
    return status;
  }
  *out = input;
  return LAC_OK;
}

LacStatus lac_input_from_bytes(const void *bytes, size_t n_bytes, LacInput **out) {
  *out = lac_calloc(1, sizeof **out);
  if (!*out)
    return LAC_ERR_MEMORY;
  **out = (LacInput){.fd = -1, .size = n_bytes, .bytes = n_bytes ? bytes : (const void *)""};
  return LAC_OK;
}

uint64_t lac_input_size(const LacInput *input) {
  return input->size;
}

LacStatus lac_input_read_at(LacInput *input, uint64_t offset, void *bytes, size_t n_bytes, size_t *n_read) {
  *n_read = 0;
  if (input->bytes) {
    const uint64_t rest = offset < input->size ? input->size - offset : 0;
    *n_read = n_bytes < rest ? n_bytes : (size_t)rest;
    if (*n_read > 0)
      memcpy(bytes, input->bytes + offset, *n_read);
    return LAC_OK;
  }
  if (offset > INT64_MAX - input->start)
    return LAC_OK;
  return lac_posix_read_at(input->fd, input->start + offset, bytes, n_bytes, n_read) ? LAC_ERR_READ : LAC_OK;
}

void lac_input_start_sync(const LacInput *input) {
  if (input->fd >= 0)
    sync_file_range(input->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

void lac_input_close(LacInput *input) {
  if (!input)
    return;
  if (input->fd >= 0)
    close(input->fd);
  lac_free(input);
}
