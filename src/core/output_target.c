/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/output_target.h"

#include "core/memory.h"
#include "core/posix_file.h"
#include "core/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_LINKS = 40, MOST_TEMPORARIES = 1000 };

static LacStatus no_memory(LacError *error) {
  return lac_error_set(error, LAC_ERR_MEMORY, "MEMORY", "Not enough memory to open the output. Nothing was changed.");
}

LacStatus lac_target_failed(const char *path, int error_number, const char *left, LacError *error) {
  char shown[LAC_SHOWN_PATH_SIZE];
  lac_shown_path(path, true, shown);
  LacStatus status = lac_posix_write_status(error_number);
  switch (error_number) {
  case ENOSPC:
  case EDQUOT:
    return lac_error_set(error, status, "DISK_FULL", "No space left on the disk of %s%s. %s Free space and run again.",
                         shown, error_number == EDQUOT ? " for this user (quota)" : "", left);
  case EEXIST:
    return lac_error_set(error, LAC_ERR_EXISTS, "OUTPUT_EXISTS",
                         "%s exists and was not touched. Choose another name or pass -f.", shown);
  case EISDIR:
    return lac_error_set(error, status, "OUTPUT_IS_DIRECTORY", "%s is a folder. Name the file to write inside it.",
                         shown);
  case ENOENT:
  case ENOTDIR:
    return lac_error_set(
        error, status, "OUTPUT_UNWRITABLE",
        "%s cannot be written: its folder does not exist. %s Make the folder first, or choose another.", shown, left);
  case EACCES:
  case EPERM:
    return lac_error_set(error, status, "OUTPUT_UNWRITABLE",
                         "%s may not be written by this user. %s Change the permissions, or choose another place.",
                         shown, left);
  case EROFS:
    return lac_error_set(error, status, "OUTPUT_UNWRITABLE",
                         "%s is on a disk that is read-only. %s Choose another place.", shown, left);
  case EFBIG:
    return lac_error_set(error, status, "OUTPUT_UNWRITABLE",
                         "%s would be larger than its disk, or a limit set for this user, allows. %s Choose another "
                         "place.",
                         shown, left);
  case EPIPE:
    return lac_error_set(error, status, "OUTPUT_UNWRITABLE",
                         "The program that reads %s stopped before everything was written. Run it again.", shown);
  case ELOOP:
    return lac_error_set(error, status, "OUTPUT_UNWRITABLE",
                         "%s is a link that leads back to itself. Name the file itself.", shown);
  default:
    return lac_error_set(error, status, "OUTPUT_UNWRITABLE", "%s cannot be written (%s). %s Choose another place.",
                         shown, strerrordesc_np(error_number) ? strerrordesc_np(error_number) : "unknown cause", left);
  }
}

static LacStatus cannot_open(const char *path, int error_number, LacError *error) {
  return lac_target_failed(path, error_number, "Nothing was changed.", error);
}

/* Length of the folder part with its slash: 0 for a bare name. */
static size_t folder_length(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? (size_t)(slash - path) + 1 : 0;
}

/* One link: its text, relative to the folder it stands in. NULL with *error_number when it is none (EINVAL). */
static char *link_destination(const char *path, int *error_number) {
  char text[PATH_MAX];
  ssize_t length = readlink(path, text, sizeof text - 1);
  if (length < 0) {
    *error_number = errno;
    return NULL;
  }
  text[length] = '\0';
  size_t folder = text[0] == '/' ? 0 : folder_length(path);
  char *destination = lac_format("%.*s%s", (int)folder, path, text);
  *error_number = destination ? 0 : ENOMEM;
  return destination;
}

/* The name behind all links of the last part; the file itself need not exist. realpath() would refuse that. */
static LacStatus follow_links(const char *path, char **resolved, LacError *error) {
  char *current = lac_strdup(path);
  for (int n_links = 0; current; n_links++) {
    int error_number;
    char *next = link_destination(current, &error_number);
    if (!next && error_number != ENOMEM) {
      *resolved = current;
      return LAC_OK;
    }
    lac_free(current);
    current = next;
    if (current && n_links == MOST_LINKS) {
      lac_free(current);
      return cannot_open(path, ELOOP, error);
    }
  }
  return no_memory(error);
}

static LacStatus open_direct(const char *path, LacTarget *target, LacError *error) {
  int error_number;
  target->kind = LAC_TARGET_DIRECT;
  target->fd = lac_posix_open(path, O_WRONLY, 0, &error_number);
  return target->fd < 0 ? cannot_open(path, error_number, error) : LAC_OK;
}

/* ".NAME.lacquer-PID-N.tmp", with NAME cut so that the whole is a legal file name. */
static char *temporary_name(const LacTarget *target, int number) {
  const char *name = target->path + folder_length(target->path);
  size_t length = strlen(name);
  if (length > 200)
    length = lac_utf8_cut(name, 200);
  return lac_format("%s/.%.*s.lacquer-%ld-%d.tmp", target->directory, (int)length, name, (long)getpid(), number);
}

static LacStatus make_temporary(const char *path, LacTarget *target, LacError *error) {
  int error_number = EEXIST;
  for (int number = 0; number < MOST_TEMPORARIES && error_number == EEXIST; number++) {
    char *name = temporary_name(target, number);
    if (!name)
      return no_memory(error);
    target->fd = lac_posix_open(name, O_RDWR | O_CREAT | O_EXCL, 0666, &error_number);
    if (target->fd >= 0) {
      target->temporary = name;
      return LAC_OK;
    }
    lac_free(name);
  }
  if (error_number != EEXIST)
    return cannot_open(path, error_number, error);
  char shown[LAC_SHOWN_PATH_SIZE];
  return lac_error_set(error, LAC_ERR_WRITE, "OUTPUT_UNWRITABLE",
                       "The folder of %s is full of old files named *.lacquer-*.tmp. Delete them and run again.",
                       lac_shown_path(path, true, shown));
}

/* The new file looks like the one it replaces, as far as this user may: only root can give a file away, others can
 * keep its group when they are in it. If not even that, the rights of the old group do not go to the writer's. */
static void imitate(int fd, const struct stat *old) {
  mode_t mode = old->st_mode & 0777;
  bool is_same_group = fchown(fd, old->st_uid, old->st_gid) == 0 || fchown(fd, (uid_t)-1, old->st_gid) == 0;
  if (!is_same_group)
    mode = (mode & 0707) | (mode & mode << 3 & 0070);
  fchmod(fd, mode);
}

static LacStatus open_regular(const char *path, const struct stat *old, LacTarget *target, LacError *error) {
  size_t folder = folder_length(target->path);
  const char *name = target->path + folder;
  if (!name[0] || !strcmp(name, ".") || !strcmp(name, ".."))
    return cannot_open(path, folder > 0 ? EISDIR : ENOENT, error);
  /* "a" stands in ".", "/a" in "/." */
  target->directory = lac_format("%.*s.", (int)folder, target->path);
  if (!target->directory)
    return no_memory(error);
  LacStatus status = make_temporary(path, target, error);
  if (status == LAC_OK && old)
    imitate(target->fd, old);
  return status;
}

static LacStatus open_stdout(LacTarget *target, LacError *error) {
  int error_number;
  target->kind = LAC_TARGET_STDOUT;
  target->fd = lac_posix_scratch(&error_number);
  if (target->fd < 0)
    return lac_error_set(error, lac_posix_write_status(error_number), "SCRATCH_UNWRITABLE",
                         "Standard output is kept in a temporary file first, and that cannot be made. Set TMPDIR to a "
                         "folder that can be written and has space.");
  target->temporary = lac_format("/proc/self/fd/%d", target->fd);
  return target->temporary ? LAC_OK : no_memory(error);
}

static LacStatus open_path(const char *path, LacTarget *target, LacError *error) {
  struct stat old;
  /* Links of /proc (behind /dev/stdout, say) lead to pipes that have no name to follow to: ask where they end. */
  bool is_special = stat(path, &old) == 0 && !S_ISREG(old.st_mode) && !S_ISDIR(old.st_mode);
  LacStatus status = is_special ? LAC_OK : follow_links(path, &target->path, error);
  if (status != LAC_OK)
    return status;
  if (is_special) {
    /* A disk holds data like a file does. */
    if (S_ISBLK(old.st_mode) && !target->may_replace)
      return cannot_open(path, EEXIST, error);
    return open_direct(path, target, error);
  }
  if (lstat(target->path, &old) != 0)
    return errno == ENOENT ? open_regular(path, NULL, target, error) : cannot_open(path, errno, error);
  if (S_ISDIR(old.st_mode))
    return cannot_open(path, EISDIR, error);
  if (!target->may_replace)
    return cannot_open(path, EEXIST, error);
  /* A rename would replace a write-protected file as well, so ask. */
  if (faccessat(AT_FDCWD, target->path, W_OK, AT_EACCESS) != 0)
    return cannot_open(path, errno, error);
  return open_regular(path, &old, target, error);
}

LacStatus lac_target_open(const char *path, bool may_replace, LacTarget *target, LacError *error) {
  *target = (LacTarget){.fd = -1, .may_replace = may_replace};
  LacStatus status = strcmp(path, "-") != 0 ? open_path(path, target, error) : open_stdout(target, error);
  if (status != LAC_OK)
    lac_target_close(target);
  return status;
}

void lac_target_close(LacTarget *target) {
  if (target->kind == LAC_TARGET_REGULAR && target->temporary)
    unlink(target->temporary);
  if (target->fd >= 0)
    close(target->fd);
  lac_free(target->path);
  lac_free(target->directory);
  lac_free(target->temporary);
  *target = (LacTarget){.fd = -1};
}
