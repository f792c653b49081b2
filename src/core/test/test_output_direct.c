/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/file.h"

#include "core/test/check.h"
#include "core/test/file_fixture.h"
#include "core/test/folder.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

/* Reads everything from a FIFO or pipe and compares with the pattern of fill(). */
static int read_pattern(int fd, size_t expected) {
  unsigned char bytes[4096];
  size_t at = 0;
  for (ssize_t n; (n = read(fd, bytes, sizeof bytes)) > 0;)
    for (ssize_t i = 0; i < n; i++, at++)
      if (bytes[i] != at % 253)
        return 1;
  return at == expected ? 0 : 2;
}

static void write_pattern(LacOutput *output, size_t n_bytes) {
  unsigned char piece[1777];
  for (size_t at = 0; at < n_bytes;) {
    size_t part = n_bytes - at < sizeof piece ? n_bytes - at : sizeof piece;
    for (size_t i = 0; i < part; i++)
      piece[i] = (unsigned char)((at + i) % 253);
    assert_int_equal(lac_output_write(output, piece, part), LAC_OK);
    at += part;
  }
}

static void test_fifo(void **state) {
  char path[TEST_PATH_SIZE], bytes[4];
  size_t n_read;
  assert_int_equal(mkfifo(test_path(*state, "fifo", path), 0600), 0);
  pid_t child = fork();
  if (child == 0)
    _exit(read_pattern(open(path, O_RDONLY), 900001));
  LacOutput *output = test_open_output(path, false);
  assert_false(lac_output_is_seekable(output));
  assert_null(lac_output_temporary_path(output));
  write_pattern(output, 900001);
  assert_true(lac_output_tell(output) == 900001);
  assert_int_equal(lac_output_commit(output, NULL), LAC_OK);
  test_check_ended_well(child);
  struct stat info;
  assert_int_equal(lstat(path, &info), 0);
  assert_true(S_ISFIFO(info.st_mode));
  /* What a FIFO cannot do is refused and remembered. */
  child = fork();
  if (child == 0)
    _exit(read_pattern(open(path, O_RDONLY), 0));
  output = test_open_output(path, false);
  assert_int_equal(lac_output_read_at(output, 0, bytes, 4, &n_read), LAC_ERR_WRITE);
  assert_int_equal(lac_output_seek(output, 0), LAC_ERR_WRITE);
  assert_int_equal(lac_output_truncate(output, 0), LAC_ERR_WRITE);
  assert_int_equal(lac_output_status(output), LAC_ERR_WRITE);
  lac_output_abort(output);
  test_check_ended_well(child);
}

/* A reader that leaves: an error, not a signal that kills the program, and no signal left pending. */
static void test_broken_pipe(void **state) {
  (void)state;
  int ends[2];
  char path[64];
  LacError error = {0};
  sigset_t pending;
  assert_int_equal(pipe(ends), 0);
  snprintf(path, sizeof path, "/proc/self/fd/%d", ends[1]);
  LacOutput *output = test_open_output(path, false);
  close(ends[0]);
  assert_int_equal(lac_output_write(output, "x", 1), LAC_OK);
  assert_int_equal(lac_output_commit(output, &error), LAC_ERR_WRITE);
  assert_non_null(strstr(error.text, "stopped"));
  sigpending(&pending);
  assert_false(sigismember(&pending, SIGPIPE));
  close(ends[1]);
}

static void test_devices(void **state) {
  (void)state;
  LacError error = {0};
  LacOutput *output = test_open_output("/dev/null", false);
  assert_int_equal(lac_output_write(output, "x", 1), LAC_OK);
  assert_int_equal(lac_output_commit(output, &error), LAC_OK);
  output = test_open_output("/dev/full", false);
  assert_int_equal(lac_output_write(output, "x", 1), LAC_OK);
  assert_int_equal(lac_output_commit(output, &error), LAC_ERR_NO_SPACE);
  assert_string_equal(error.code, "DISK_FULL");
  struct stat info;
  assert_int_equal(stat("/dev/full", &info), 0);
  assert_true(S_ISCHR(info.st_mode));
}

/* A limit on file size is an error with a message, not SIGXFSZ; the old file stays. */
static void test_size_limit(void **state) {
  char path[TEST_PATH_SIZE], piece[8192] = "";
  LacError error = {0};
  assert_true(test_file_put(test_path(*state, "limited", path), "old"));
  struct rlimit before, small = {4096, 4096};
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  small.rlim_max = before.rlim_max;
  LacOutput *output = test_open_output(path, true);
  assert_int_equal(lac_output_write(output, piece, sizeof piece), LAC_OK);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  LacStatus status = lac_output_commit(output, &error);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  assert_int_equal(status, LAC_ERR_WRITE);
  assert_string_equal(error.code, "OUTPUT_UNWRITABLE");
  test_check_file(path, "old");
  assert_int_equal(test_folder_count(*state), 1);
}

/* "-": seekable until commit, then everything goes out in order. */
static void test_standard_output(void **state) {
  (void)state;
  int ends[2], before = dup(STDOUT_FILENO);
  assert_int_equal(pipe(ends), 0);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    close(ends[1]);
    _exit(read_pattern(ends[0], 600000));
  }
  close(ends[0]);
  dup2(ends[1], STDOUT_FILENO);
  close(ends[1]);
  LacOutput *output = test_open_output("-", false);
  bool is_seekable = lac_output_is_seekable(output);
  LacStatus status = lac_output_write(output, "?", 1);
  status = status ? status : lac_output_seek(output, 0);
  write_pattern(output, 600000);
  FILE *file = fopen(lac_output_temporary_path(output), "rb");
  int first = file ? fgetc(file) : -1, second = file ? fgetc(file) : -1;
  if (file)
    fclose(file);
  status = status ? status : lac_output_commit(output, NULL);
  dup2(before, STDOUT_FILENO);
  close(before);
  assert_true(is_seekable && first == 0 && second == 1);
  assert_int_equal(status, LAC_OK);
  test_check_ended_well(child);
}

#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, test_folder_setup, test_folder_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      FILE_TEST(test_fifo),       FILE_TEST(test_broken_pipe),     FILE_TEST(test_devices),
      FILE_TEST(test_size_limit), FILE_TEST(test_standard_output),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
