"""Python's collector of cyclic garbage, set for a process that is a node.

A collection of everything looks at every object that the process keeps: with the modules, the
caches of the tree and the waiting transactions of a node that is a tenth to a third of a second in
which it answers nobody.  Executing blocks leaves no cycles behind, so these looks find nothing.

Rules this file keeps:
 1. It is asked for by who owns the process, a command or a measurement; a library that embeds a
    node decides for itself.
 2. Nothing depends on it but speed: cycles are still collected, only more rarely.
"""

import gc
from typing import Final

YOUNG_OBJECTS: Final = 50_000
"""So many more containers made than freed lead to a look at the youngest."""
_YOUNG_LOOKS: Final = 20
_OLD_LOOKS: Final = 1_000


def settle_collector() -> None:
    """Leave what was loaded so far out of every later look, and look more rarely.

    To be called once, when the process has what it keeps to its end.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, _YOUNG_LOOKS, _OLD_LOOKS)
