#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Kill the program at random moments while it replaces a master: the old file or the new one is there, whole.

usage: test_kill.py LACQUER MAKE_PROGRAMME [KILLS]"""

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

lacquer, make_programme = map(os.path.abspath, sys.argv[1:3])
kills = int(sys.argv[3]) if len(sys.argv) > 3 else 20
work = tempfile.mkdtemp(prefix="lacquer-kill-")


def sha(name):
    with open(name, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


mix, out = work + "/mix.wav", work + "/master.wav"
subprocess.run([make_programme, mix, "20"], check=True)
command = [lacquer, "master", mix, "-o", out, "-f", "-q", "--loudness"]
subprocess.run(command + ["-16"], check=True)
old = sha(out)
start = time.time()
subprocess.run(command + ["-11"], check=True)
length = time.time() - start
new = sha(out)
subprocess.run(command + ["-16"], check=True)
assert sha(out) == old and old != new
mix_sum = sha(mix)
random.seed(1)
seen = {"old": 0, "new": 0}
for k in range(kills):
    process = subprocess.Popen(command + ["-11"])
    # spread over the whole run, and dense around its end where the file is replaced
    time.sleep(length * (random.random() * 1.1 if k % 2 else 0.85 + random.random() * 0.3))
    process.send_signal(signal.SIGKILL)
    process.wait()
    state = sha(out)
    assert state in (old, new), "kill %d left a damaged file" % k
    seen["old" if state == old else "new"] += 1
    if state == new:
        subprocess.run(command + ["-16"], check=True)
assert sha(mix) == mix_sum
# and the polite stop: 130, nothing left behind; of a longer mix, so that a busy machine too is in the middle of it
long_mix = work + "/long.wav"
subprocess.run([make_programme, long_mix, "120"], check=True)
process = subprocess.Popen([lacquer, "master", long_mix, "-o", out, "-f", "-q", "--loudness", "-11"], stderr=subprocess.DEVNULL)
time.sleep(6 * length * 0.4)
process.send_signal(signal.SIGINT)
begun = time.time()
code = process.wait()
waited = time.time() - begun
assert code == 130 and waited < 2, "exit %d after %.2f s" % (code, waited)  # a second is promised; a busy machine gets another
assert sha(out) == old
print("%d kills: %d left the old file, %d the new one, none a damaged one" % (kills, seen["old"], seen["new"]))
shutil.rmtree(work)
