"""The collector of cyclic garbage in a process that is a node."""

import subprocess
import sys

SETTLED = """
import gc
from xinlian.engines.collector import YOUNG_OBJECTS, settle_collector
kept = [[] for _ in range(1000)]
settle_collector()
assert gc.get_freeze_count() > 1000
assert gc.get_threshold()[0] == YOUNG_OBJECTS
class Knot: pass
for _ in range(3 * YOUNG_OBJECTS):
    knot = Knot()
    knot.itself = knot
assert gc.get_stats()[0]["collected"] >= YOUNG_OBJECTS
"""


def test_what_was_loaded_is_left_alone_and_later_cycles_are_still_collected():
    subprocess.run([sys.executable, "-c", SETTLED], check=True)
