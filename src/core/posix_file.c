/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/posix_file.h"

#include "core/fault_points.h"
#include "core/memory.h"
#include "core/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Linux moves at most 0x7ffff000 bytes a call. */
enum { MOST_BYTES_A_CALL = 1 << 30 };

int lac_posix_open(const char *path, int flags, mode_t mode, int *error_number) {
  int fd;
  do {
    fd = open(path, flags | O_CLOEXEC | O_NOCTTY, mode);
  } while (fd < 0 && errno == EINTR);
  *error_number = fd < 0 ? errno : 0;
  return fd;
}

/* A library may not change how the program treats SIGPIPE and SIGXFSZ, so they are held back in this thread
 * while it writes, and the one that the write itself caused is taken away again. */
typedef struct SignalGuard {
  sigset_t before;
  sigset_t pending_before;
} SignalGuard;

static void signals_of_writing(sigset_t *set) {
  sigemptyset(set);
  sigaddset(set, SIGPIPE);
  sigaddset(set, SIGXFSZ);
}

static void guard_enter(SignalGuard *guard) {
  sigset_t set;
  signals_of_writing(&set);
  sigpending(&guard->pending_before);
  pthread_sigmask(SIG_BLOCK, &set, &guard->before);
}

static void guard_leave(SignalGuard *guard, int error_number) {
  int caused = error_number == EPIPE ? SIGPIPE : error_number == EFBIG ? SIGXFSZ : 0;
  if (caused && !sigismember(&guard->pending_before, caused)) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, caused);
    const struct timespec now = {0};
    while (sigtimedwait(&set, NULL, &now) < 0 && errno == EINTR) {
    }
  }
  pthread_sigmask(SIG_SETMASK, &guard->before, NULL);
}

/* After EAGAIN: a pipe that another program has made non-blocking. False for any other errno, which stays. */
static bool wait_until_ready(int fd, short events) {
  if (errno != EAGAIN)
    return false;
  struct pollfd wanted = {.fd = fd, .events = events};
  if (poll(&wanted, 1, -1) > 0 || errno == EINTR)
    return true;
  errno = EIO;
  return false;
}

static int write_once(int fd, uint64_t offset, bool is_positioned, const char *bytes, size_t n_bytes, size_t *n_done) {
  int fault = lac_fault_write(&n_bytes);
  if (fault)
    return fault;
  ssize_t n;
  do {
    n = is_positioned ? pwrite(fd, bytes, n_bytes, (off_t)offset) : write(fd, bytes, n_bytes);
  } while (n < 0 && (errno == EINTR || wait_until_ready(fd, POLLOUT)));
  if (n < 0)
    return errno;
  *n_done = (size_t)n;
  /* POSIX gives zero for nothing but an empty request; a file system that does it would loop us forever. */
  return n == 0 ? EIO : 0;
}

static int write_all(int fd, uint64_t offset, bool is_positioned, const void *bytes, size_t n_bytes) {
  if (is_positioned && (offset > INT64_MAX || n_bytes > INT64_MAX - offset))
    return EFBIG;
  SignalGuard guard;
  guard_enter(&guard);
  const char *from = bytes;
  int error_number = 0;
  while (n_bytes > 0 && !error_number) {
    size_t part = n_bytes < MOST_BYTES_A_CALL ? n_bytes : MOST_BYTES_A_CALL, n_done = 0;
    error_number = write_once(fd, offset, is_positioned, from, part, &n_done);
    from += n_done;
    offset += n_done;
    n_bytes -= n_done;
  }
  guard_leave(&guard, error_number);
  return error_number;
}

int lac_posix_write_at(int fd, uint64_t offset, const void *bytes, size_t n_bytes) {
  return write_all(fd, offset, true, bytes, n_bytes);
}

int lac_posix_write(int fd, const void *bytes, size_t n_bytes) {
  return write_all(fd, 0, false, bytes, n_bytes);
}

static int read_all(int fd, uint64_t offset, bool is_positioned, void *bytes, size_t n_bytes, size_t *n_read) {
  char *to = bytes;
  *n_read = 0;
  while (*n_read < n_bytes) {
    size_t part = n_bytes - *n_read < MOST_BYTES_A_CALL ? n_bytes - *n_read : MOST_BYTES_A_CALL;
    /* No file reaches beyond INT64_MAX; the system would call such a range invalid. */
    if (is_positioned && offset + *n_read >= INT64_MAX)
      return 0;
    if (is_positioned && part > INT64_MAX - (offset + *n_read))
      part = (size_t)(INT64_MAX - (offset + *n_read));
    ssize_t n = is_positioned ? pread(fd, to + *n_read, part, (off_t)(offset + *n_read)) : read(fd, to + *n_read, part);
    if (n < 0 && (errno == EINTR || wait_until_ready(fd, POLLIN)))
      continue;
    if (n < 0)
      return errno;
    if (n == 0)
      return 0;
    *n_read += (size_t)n;
  }
  return 0;
}

int lac_posix_read_at(int fd, uint64_t offset, void *bytes, size_t n_bytes, size_t *n_read) {
  return read_all(fd, offset, true, bytes, n_bytes, n_read);
}

int lac_posix_read(int fd, void *bytes, size_t n_bytes, size_t *n_read) {
  return read_all(fd, 0, false, bytes, n_bytes, n_read);
}

int lac_posix_truncate(int fd, uint64_t size) {
  int fault = lac_fault_write(NULL);
  if (fault)
    return fault;
  if (size > INT64_MAX)
    return EFBIG;
  SignalGuard guard;
  guard_enter(&guard);
  int failed;
  do {
    failed = ftruncate(fd, (off_t)size);
  } while (failed && errno == EINTR);
  int error_number = failed ? errno : 0;
  guard_leave(&guard, error_number);
  return error_number;
}

int lac_posix_sync(int fd) {
  int fault = lac_fault_write(NULL);
  if (fault)
    return fault;
  int failed;
  do {
    failed = fsync(fd);
  } while (failed && errno == EINTR);
  if (!failed || errno == EINVAL || errno == EROFS || errno == ENOTSUP)
    return 0;
  return errno;
}

/* For file systems without RENAME_NOREPLACE: a second name appears only where there is none, then the first goes. */
static int link_and_unlink(const char *from, const char *to) {
  if (link(from, to) == 0) {
    unlink(from);
    return 0;
  }
  if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
    return errno;
  /* No hard links either (FAT): look, then rename; nothing better exists there. */
  struct stat there;
  if (lstat(to, &there) == 0)
    return EEXIST;
  return rename(from, to) ? errno : 0;
}

int lac_posix_rename(const char *from, const char *to, bool may_replace) {
  int fault = lac_fault_write(NULL);
  if (fault)
    return fault;
  if (may_replace)
    return rename(from, to) ? errno : 0;
  if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
    return 0;
  return errno == EINVAL || errno == ENOSYS ? link_and_unlink(from, to) : errno;
}

static int scratch_in(const char *directory, int *error_number) {
  int fd = lac_posix_open(directory, O_TMPFILE | O_RDWR, 0600, error_number);
  if (fd >= 0 || (*error_number != EOPNOTSUPP && *error_number != EISDIR && *error_number != EINVAL))
    return fd;
  /* A file system without O_TMPFILE. */
  char *name = lac_format("%s/lacquer-XXXXXX", directory);
  if (!name) {
    *error_number = ENOMEM;
    return -1;
  }
  fd = mkostemp(name, O_CLOEXEC);
  *error_number = fd < 0 ? errno : 0;
  if (fd >= 0)
    unlink(name);
  lac_free(name);
  return fd;
}

int lac_posix_scratch(int *error_number) {
  const char *directories[] = {getenv("TMPDIR"), "/tmp", "/var/tmp"};
  int fd = -1, first_error = 0;
  for (size_t i = 0; i < 3 && fd < 0; i++) {
    if (!directories[i] || !directories[i][0])
      continue;
    fd = scratch_in(directories[i], error_number);
    if (fd < 0 && !first_error)
      first_error = *error_number;
  }
  if (fd < 0)
    *error_number = first_error;
  return fd;
}

LacStatus lac_posix_write_status(int error_number) {
  return error_number == ENOSPC || error_number == EDQUOT ? LAC_ERR_NO_SPACE : LAC_ERR_WRITE;
}

const char *lac_shown_path(const char *path, bool is_output, char buffer[LAC_SHOWN_PATH_SIZE]) {
  enum { HEAD = 120, TAIL = 240 };
  size_t length = strlen(path);
  if (!strcmp(path, "-"))
    snprintf(buffer, LAC_SHOWN_PATH_SIZE, "standard %s", is_output ? "output" : "input");
  else if (length <= HEAD + TAIL)
    snprintf(buffer, LAC_SHOWN_PATH_SIZE, "%s", path);
  else
    snprintf(buffer, LAC_SHOWN_PATH_SIZE, "%.*s...%s", (int)lac_utf8_cut(path, HEAD), path,
             path + lac_utf8_cut(path, length - TAIL));
  return buffer;
}
