/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/arena.h"
#include "core/faults.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/text_buffer.h"
#include "core/threads.h"

#include "core/test/check.h"
#include "core/test/folder.h"

/* Every allocation and every write, sync, truncate and rename of a job fails once, each in its own run. */

static int remove_folder(void **state) {
  lac_faults_fail_allocation(0);
  return test_folder_teardown(state);
}

typedef LacStatus (*Job)(const TestFolder *folder);

static void nothing(void *context) {
  (void)context;
}

static LacStatus small_objects(const TestFolder *folder) {
  (void)folder;
  LacArena *arena = NULL;
  LacQueue *queue = NULL;
  LacThread *thread = NULL;
  LacNotes notes = {0}, copies = {0};
  LacText text = {0};
  LacStatus status = lac_arena_new(&arena);
  for (int i = 0; i < 5 && status == LAC_OK; i++)
    status = lac_arena_alloc(arena, 30000, 1) ? LAC_OK : LAC_ERR_MEMORY;
  status = status ? status : lac_queue_new(4, &queue);
  status = status ? status : lac_thread_start(&thread, nothing, NULL);
  for (int i = 0; i < 10 && status == LAC_OK; i++) {
    size_t count = notes.count;
    status = lac_notes_add(&notes, "CODE", "%d", i);
    assert_int_equal(notes.count, status ? count : count + 1);
  }
  status = status ? status : lac_notes_append(&copies, &notes);
  for (int i = 0; i < 100; i++)
    lac_text_appendf(&text, "%d,", i);
  char *taken = lac_text_take(&text);
  status = status ? status : taken ? LAC_OK : LAC_ERR_MEMORY;
  lac_text_free(taken);
  lac_thread_join(thread);
  lac_queue_free(queue);
  lac_arena_free(arena);
  lac_notes_free(&notes);
  lac_notes_free(&copies);
  return status;
}

static LacStatus replace_file(const TestFolder *folder) {
  static const char bytes[300000] = "new";
  char path[TEST_PATH_SIZE], first[8];
  size_t n_read;
  LacOutput *output;
  LacError error = {0};
  LacStatus status = lac_output_open(test_path(folder, "link", path), true, &output, &error);
  if (status != LAC_OK) {
    assert_int_equal(error.status, status);
    return status;
  }
  lac_output_write(output, bytes, 1000);
  lac_output_read_at(output, 0, first, sizeof first, &n_read);
  lac_output_truncate(output, 0);
  lac_output_write(output, bytes, sizeof bytes);
  lac_output_seek(output, 10);
  lac_output_write(output, "patched", 7);
  LacStatus before = lac_output_status(output);
  status = lac_output_commit(output, &error);
  assert_int_equal(error.status, status);
  assert_true(before == LAC_OK || before == status);
  return status;
}

static LacStatus read_file(const TestFolder *folder) {
  char path[TEST_PATH_SIZE], *bytes;
  size_t n_bytes;
  LacStatus status = lac_file_read_all(test_path(folder, "file", path), 1 << 20, &bytes, &n_bytes, NULL);
  lac_free(bytes);
  return status;
}

static LacStatus use_scratch(const TestFolder *folder) {
  (void)folder;
  LacScratch *scratch;
  char byte;
  LacStatus status = lac_scratch_new(&scratch, NULL);
  if (status != LAC_OK)
    return status;
  status = lac_scratch_write_at(scratch, 0, "abcd", 4);
  status = status ? status : lac_scratch_read_at(scratch, 3, &byte, 1);
  lac_scratch_free(scratch);
  return status;
}

/* The file is old or new as a whole, and no temporary is left. */
static void check_whole(const TestFolder *folder, bool may_be_new, bool may_be_old) {
  char path[TEST_PATH_SIZE], *bytes;
  size_t n_bytes;
  lac_faults_fail_allocation(0);
  assert_int_equal(lac_file_read_all(test_path(folder, "file", path), 1 << 20, &bytes, &n_bytes, NULL), LAC_OK);
  bool is_old = n_bytes == 3 && !strcmp(bytes, "old");
  bool is_new = n_bytes == 300000 && !memcmp(bytes, "new\0\0\0\0\0\0\0patched", 17);
  assert_true((is_old && may_be_old) || (is_new && may_be_new));
  assert_int_equal(test_folder_count(folder), 2);
  lac_free(bytes);
}

static void put_old(const TestFolder *folder) {
  char path[TEST_PATH_SIZE];
  assert_true(test_file_put(test_path(folder, "file", path), "old"));
  test_path(folder, "link", path);
  unlink(path);
  assert_int_equal(symlink("file", path), 0);
}

static const Job jobs[] = {small_objects, replace_file, read_file, use_scratch};
enum { N_JOBS = sizeof jobs / sizeof *jobs };

static void test_every_allocation(void **state) {
  long total = 0;
  for (size_t j = 0; j < N_JOBS; j++) {
    bool is_hit = true;
    for (long k = 1; is_hit; k++) {
      put_old(*state);
      lac_faults_fail_allocation(k);
      LacStatus status = jobs[j](*state);
      is_hit = lac_faults_hit();
      /* An O_TMPFILE scratch and a resolved link allocate too: none may turn into another error or a success. */
      assert_int_equal(status, is_hit ? LAC_ERR_MEMORY : LAC_OK);
      total += is_hit;
      check_whole(*state, !is_hit, is_hit || jobs[j] != replace_file);
    }
  }
  assert_true(total >= 25);
}

static void check_writes(void **state, LacWriteFault kind, LacStatus expected) {
  for (size_t j = 0; j < N_JOBS; j++) {
    bool is_hit = true;
    for (long k = 1; is_hit; k++) {
      put_old(*state);
      lac_faults_fail_write(k, kind);
      LacStatus status = jobs[j](*state);
      is_hit = lac_faults_hit();
      long n_writes = lac_faults_writes();
      assert_int_equal(status, is_hit ? expected : LAC_OK);
      /* The last call is the sync of the folder: by then the new file stands. */
      check_whole(*state, !is_hit || k == n_writes, is_hit || jobs[j] != replace_file);
      if (jobs[j] == replace_file && !is_hit)
        assert_true(k > 6);
    }
  }
}

static void test_every_write(void **state) {
  check_writes(state, LAC_FAULT_ENOSPC, LAC_ERR_NO_SPACE);
  check_writes(state, LAC_FAULT_EIO, LAC_ERR_WRITE);
  check_writes(state, LAC_FAULT_SHORT, LAC_ERR_NO_SPACE);
}

/* A pipe that is spooled to a full disk. */
static void test_spool(void **state) {
  (void)state;
  for (long k = 1; k <= 2; k++) {
    int ends[2];
    char path[64];
    LacInput *input;
    LacError error = {0};
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "song", 4), 4);
    close(ends[1]);
    snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
    lac_faults_fail_write(k, LAC_FAULT_ENOSPC);
    LacStatus status = lac_input_open(path, &input, &error);
    assert_int_equal(status, k == 1 ? LAC_ERR_NO_SPACE : LAC_OK);
    assert_int_equal(lac_faults_hit(), k == 1);
    if (k == 1)
      assert_string_equal(error.code, "DISK_FULL");
    lac_input_close(k == 1 ? NULL : input);
    close(ends[0]);
  }
}

static void test_counters(void **state) {
  (void)state;
  lac_faults_fail_allocation(2);
  void *a = lac_alloc(1, 1), *b = lac_alloc(1, 1), *c = lac_alloc(1, 1);
  assert_true(a && !b && c);
  assert_int_equal(lac_faults_allocations(), 3);
  assert_true(lac_faults_hit());
  lac_faults_fail_allocation(0);
  assert_int_equal(lac_faults_allocations(), 0);
  assert_false(lac_faults_hit());
  lac_free(a);
  lac_free(c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_counters),
      cmocka_unit_test(test_every_allocation),
      cmocka_unit_test(test_every_write),
      cmocka_unit_test(test_spool),
  };
  return cmocka_run_group_tests(tests, test_folder_setup, remove_folder);
}
