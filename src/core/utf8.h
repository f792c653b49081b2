/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* UTF-8 borders and validity, for text that came from outside (file names, tags, damaged documents). */

#ifndef LAC_CORE_UTF8_H
#define LAC_CORE_UTF8_H

#include <lacquer/core.h>

/* Length (1..4) of the well-formed sequence at `bytes` (RFC 3629: no overlong forms, no surrogates, at most
 * U+10FFFF), 0 when there is none within `n_bytes`. */
size_t lac_utf8_length(const char *bytes, size_t n_bytes);
/* The largest n <= limit that does not cut a sequence of `bytes` in two; limit when the text is not UTF-8. */
size_t lac_utf8_cut(const char *bytes, size_t limit);
/* In place: every ill-formed byte, and every control character except tab and newline, becomes '?'. */
void lac_utf8_clean(char *text);

#endif
