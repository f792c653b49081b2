/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/utf8.h"

#include <string.h>

size_t lac_utf8_length(const char *bytes, size_t n_bytes) {
  const unsigned char *b = (const unsigned char *)bytes;
  if (n_bytes == 0)
    return 0;
  if (b[0] < 0x80)
    return 1;
  size_t length = b[0] >= 0xF0 ? 4 : b[0] >= 0xE0 ? 3 : 2;
  if (b[0] < 0xC2 || b[0] > 0xF4 || length > n_bytes)
    return 0;
  /* The second byte alone decides overlong forms, surrogates and U+10FFFF (RFC 3629, section 4). */
  unsigned low = b[0] == 0xE0 ? 0xA0 : b[0] == 0xF0 ? 0x90 : 0x80;
  unsigned high = b[0] == 0xED ? 0x9F : b[0] == 0xF4 ? 0x8F : 0xBF;
  if (b[1] < low || b[1] > high)
    return 0;
  for (size_t i = 2; i < length; i++)
    if ((b[i] & 0xC0) != 0x80)
      return 0;
  return length;
}

size_t lac_utf8_cut(const char *bytes, size_t limit) {
  for (size_t back = 0; back < 4 && back < limit; back++) {
    unsigned char c = (unsigned char)bytes[limit - 1 - back];
    if ((c & 0xC0) == 0x80)
      continue;
    size_t needed = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
    return needed > back + 1 ? limit - 1 - back : limit;
  }
  return limit;
}

void lac_utf8_clean(char *text) {
  size_t left = strlen(text);
  while (left > 0) {
    size_t length = lac_utf8_length(text, left);
    unsigned char c = (unsigned char)*text;
    bool is_control = (c < 0x20 && c != '\t' && c != '\n') || c == 0x7F;
    /* C1 controls (U+0080..U+009F) can steer terminals too. */
    if (length == 2 && c == 0xC2 && (unsigned char)text[1] < 0xA0)
      is_control = true;
    if (length == 0)
      length = 1, *text = '?';
    else if (is_control)
      memset(text, '?', length);
    text += length;
    left -= length;
  }
}
