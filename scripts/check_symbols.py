#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks what the libraries below the assistant import from the system.

    check_symbols.py NM LIB...        (liblac_NAME.a; libraries above the floor `render` are passed over)

Refused, with the reason and the object file that asks:
- libm functions whose result is rounded differently by CPU or C library (exp, sin, pow, ...): the same recipe must give
  the same bits everywhere. Allowed are those that IEEE 754 or their definition make exact.
- what a library may not do to its program: end it, print, change the locale, the environment, signals.
- memory and files past src/core, where test builds inject faults; unseeded randomness anywhere.
Exit code 1 and one line per fault.
"""

import os
import re
import subprocess
import sys

CHECKED = ["core", "text", "dsp", "analysis", "processors", "chain", "media", "targets", "render"]

# C11 7.12 and the functions glibc and C23 add; each also exists with the endings f, l, f32, f64, f128, ...
LIBM = """
acos acosh acospi asin asinh asinpi atan atan2 atan2pi atanh atanpi cbrt ceil compoundn copysign cos cosh cospi drem erf
erfc exp exp10 exp10m1 exp2 exp2m1 expm1 fabs fdim floor fma fmax fmaximum fmin fminimum fmod frexp gamma hypot ilogb j0
j1 jn ldexp lgamma lgamma_r llogb llrint llround log log10 log10p1 log1p log2 log2p1 logb logp1 lrint lround modf nan
nearbyint nextafter nextdown nexttoward nextup pow pow10 pown powr remainder remquo rint rootn round roundeven rsqrt
scalb scalbln scalbn significand sin sincos sinh sinpi sqrt tan tanh tanpi tgamma trunc y0 y1 yn
cabs cacos cacosh carg casin casinh catan catanh ccos ccosh cexp clog clog10 cpow csin csinh csqrt ctan ctanh
""".split()

# Correctly rounded by IEEE 754-2008 (sqrt, fma, remainder), or exact by what they are: no last bit to disagree about.
EXACT = set("""
sqrt fma ceil floor trunc rint nearbyint round roundeven lrint llrint lround llround fabs copysign fmin fmax fminimum
fmaximum fmod remainder remquo frexp ldexp scalbn scalbln logb ilogb llogb modf nextafter nextup nextdown nexttoward nan
""".split())

LIBM_NAME = re.compile(r"(?:__)?(" + "|".join(sorted(map(re.escape, LIBM), key=len, reverse=True)) +
                       r")(f|l|f16|f32|f64|f128|f32x|f64x)?(?:_finite)?$")

ENDS_PROGRAM = """
abort exit _exit _Exit quick_exit at_quick_exit atexit on_exit kill raise pthread_exit pthread_kill
""".split()
PRINTS = """
stdout stderr printf vprintf puts putchar putchar_unlocked perror psignal syslog vsyslog err errx warn warnx error
__printf_chk __vprintf_chk dprintf __dprintf_chk
""".split()
CHANGES_STATE = """
setlocale setenv putenv unsetenv clearenv signal sigaction sigprocmask umask chdir fchdir setrlimit fesetround
feenableexcept fesetenv srand srandom srand48 tzset json_set_alloc_funcs json_set_alloc_funcs2 json_object_seed
""".split()
UNSEEDED = "rand random rand_r drand48 erand48 lrand48 arc4random getrandom getentropy".split()
LOCALE_BOUND = "atof strtof strtod strtold scanf sscanf __isoc99_sscanf __isoc23_sscanf".split()
ALLOCATES = """
malloc calloc realloc reallocarray strdup strndup asprintf vasprintf __asprintf_chk aligned_alloc posix_memalign
""".split()
TOUCHES_FILES = """
fopen fopen64 freopen open open64 openat openat64 creat creat64 write pwrite pwrite64 fwrite ftruncate ftruncate64
rename renameat renameat2 unlink remove mkstemp mkstemp64 mkostemp mkostemp64 tmpfile tmpfile64 fsync fdatasync
truncate truncate64
""".split()

EVERYWHERE = [
    (ENDS_PROGRAM, "a library never ends the program"),
    (PRINTS, "a library never prints"),
    (CHANGES_STATE, "a library never changes the program's state"),
    (UNSEEDED, "randomness comes from core/random.h, seeded"),
]
PAST_CORE = [
    (ALLOCATES, "memory comes from core/memory.h"),
    (TOUCHES_FILES, "files go through core/file.h"),
    (LOCALE_BOUND, "numbers are read by core/number.h, which no locale changes"),
]


def module_of(library):
    found = re.match(r"lib(?:lac_)?(\w+)\.a$", os.path.basename(library))
    return found[1] if found else None


def symbols(nm, library):
    """(defined names, {undefined name: first object that wants it}) of a static library."""
    listing = subprocess.run([nm, "-A", "-P", library], capture_output=True, text=True, check=False)
    if listing.returncode != 0:
        sys.exit(f"{nm} cannot read {library}: {listing.stderr.strip()}")
    defined, undefined = set(), {}
    for line in listing.stdout.splitlines():
        place, _, rest = line.partition(": ")
        fields = rest.split()
        if len(fields) < 2:
            continue
        name = fields[0].split("@")[0]
        if fields[1] in "Uwv":
            member = re.search(r"\[(.*)\]$", place)
            undefined.setdefault(name, member[1] if member else place)
        elif fields[1].isupper():
            defined.add(name)
    return defined, undefined


def reason_against(module, name):
    libm = LIBM_NAME.match(name)
    if name.startswith("_ZGV") or (libm and libm[1] not in EXACT):
        return "its result differs between machines; use dsp/elementary.h"
    for names, reason in EVERYWHERE + ([] if module == "core" else PAST_CORE):
        if name in names:
            return reason
    return None


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__.strip())
    nm, libraries = sys.argv[1], [path for path in sys.argv[2:] if module_of(path) in CHECKED]
    tables = {library: symbols(nm, library) for library in libraries}
    ours = set().union(*(defined for defined, _ in tables.values())) if tables else set()
    faults, imported = [], set()
    for library, (_, undefined) in tables.items():
        for name, member in sorted(undefined.items()):
            if name in ours:
                continue
            imported.add(name)
            reason = reason_against(module_of(library), name)
            if reason:
                faults.append(f"{os.path.basename(library)}({member}): {name}: {reason}")
    if not ours:
        faults.append("no symbols found in the libraries given: nothing was checked")
    print("imports:", " ".join(sorted(imported)))
    for fault in faults:
        print(fault)
    print(f"{len(libraries)} libraries, {len(imported)} imported names, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
