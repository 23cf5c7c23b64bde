# SPDX-License-Identifier: GPL-2.0-or-later
"""Plays what stands around the application server. usage: play.py DIR [CHAPTER...]"""
import sys

import calls
import registration
import script
import selection
import stage

CHAPTERS = {"registration": registration, "selection": selection, "calls": calls, "script": script}

for name, chapter in CHAPTERS.items():
    if len(sys.argv) == 2 or name in sys.argv[2:]:
        print(name)
        chapter.chapters()
print("%d passed, %d failed" % (stage.passed, stage.failed))
sys.exit(stage.failed != 0)
