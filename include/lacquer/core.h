/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Status, errors, notes, cancel: what every other header of Lacquer speaks with.
 *
 * A function that can fail returns a LacStatus; zero is success. Jobs that a person waits for also take
 * a `LacError *` (may be NULL) that receives one complete message: what happened, where, why, what to do.
 * Things worth saying that are not failures are collected in LacNotes, in the order they were found.
 * The library never prints, exits, aborts, or changes global state. */

#ifndef LACQUER_CORE_H
#define LACQUER_CORE_H

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define LAC_NODISCARD __attribute__((warn_unused_result))
#define LAC_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define LAC_NODISCARD
#define LAC_PRINTF(fmt, args)
#endif

typedef enum LacStatus {
  LAC_OK = 0,
  LAC_ERR_MEMORY,      /* an allocation failed */
  LAC_ERR_USAGE,       /* a call, option or name that cannot be right */
  LAC_ERR_RANGE,       /* a value outside its range, or not a number */
  LAC_ERR_NOT_FOUND,   /* an input does not exist or may not be read */
  LAC_ERR_READ,        /* reading failed in the middle */
  LAC_ERR_DAMAGED,     /* an input is damaged beyond use */
  LAC_ERR_UNSUPPORTED, /* a format, layout or feature that Lacquer does not handle */
  LAC_ERR_CHANNELS,    /* more than two channels */
  LAC_ERR_EMPTY,       /* no audio at all */
  LAC_ERR_SILENT,      /* only silence */
  LAC_ERR_NONFINITE,   /* only NaN or infinity */
  LAC_ERR_EXISTS,      /* the output exists and may not be replaced */
  LAC_ERR_IS_INPUT,    /* the output is the input */
  LAC_ERR_WRITE,       /* the output cannot be written */
  LAC_ERR_NO_SPACE,    /* the target disk is full */
  LAC_ERR_SYNTAX,      /* text that cannot be parsed */
  LAC_ERR_SCHEMA,      /* well-formed text that does not fit its schema */
  LAC_ERR_TARGET,      /* done, but a target was not met */
  LAC_ERR_LIMIT,       /* a resource limit stopped the work */
  LAC_ERR_CANCELLED,   /* the caller asked to stop */
  LAC_ERR_INTERNAL     /* our own mistake */
} LacStatus;

/* One plain sentence without a full stop. Never NULL. */
const char *lac_strerror(LacStatus status);

/* "x.y.z"; the `engine` of recipes. */
const char *lac_version(void);

/* The CPU level that kernels run at: "baseline", "avx2" or "avx512" (LACQUER_CPU lowers it; results are the same). */
const char *lac_cpu_level_text(void);

enum { LAC_CODE_SIZE = 32, LAC_ERROR_TEXT_SIZE = 1024 };

/* One failure, ready to be shown. `code` is stable and searchable (docs/messages.md), e.g. OUTPUT_EXISTS. */
typedef struct LacError {
  LacStatus status;
  char code[LAC_CODE_SIZE];
  char text[LAC_ERROR_TEXT_SIZE];
} LacError;

/* Fill `error` (may be NULL) and return `status`, so that a failure is one line:
 *   return lac_error_set(error, LAC_ERR_EXISTS, "OUTPUT_EXISTS", "%s exists and was not touched. ...", path);
 * Text that does not fit is cut at a UTF-8 border. */
LacStatus lac_error_set(LacError *error, LacStatus status, const char *code, const char *format, ...) LAC_PRINTF(4, 5);

/* A warning or remark: something a person can act on. */
typedef struct LacNote {
  char code[LAC_CODE_SIZE];
  char *text;
} LacNote;

typedef struct LacNotes {
  LacNote *items;
  size_t count;
  size_t capacity;
} LacNotes;

/* Append a note; the same code with the same text is kept once. LAC_ERR_MEMORY leaves `notes` as it was. */
LacStatus lac_notes_add(LacNotes *notes, const char *code, const char *format, ...) LAC_PRINTF(3, 4);
/* Append copies of all of `from`. */
LacStatus lac_notes_append(LacNotes *notes, const LacNotes *from);
bool lac_notes_has(const LacNotes *notes, const char *code);
void lac_notes_free(LacNotes *notes);

/* A stop flag, set from any thread or signal handler and read per block. NULL means "never". */
typedef struct LacCancel {
  atomic_bool requested;
} LacCancel;

static inline bool lac_cancelled(const LacCancel *cancel) {
  return cancel && atomic_load_explicit(&cancel->requested, memory_order_relaxed);
}

/* Called from one thread, at most ten times a second. `stage` is one of the fixed English words
 * "analyse", "decide", "render", "verify"; `fraction` runs 0..1 within the stage. */
typedef void (*LacProgressFn)(void *user, const char *stage, double fraction);

/* The end of a failed or finished job's text results: frees what the library returned as `char *`. */
void lac_text_free(char *text);

#endif
