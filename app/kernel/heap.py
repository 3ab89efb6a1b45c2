"""The garbage collector of a process that serves for a long time."""

import gc

YOUNG, MIDDLE, OLD = 20_000, 20, 50
"""Objects made, and collections of the younger generation, until the next one. A step makes some ten thousand
objects and drops nearly all of them by reference count; the interpreter's own 700 would look through them again
and again, and through everything the process keeps (diagrams, forms, templates) every few requests."""


def settle() -> None:
    """What is loaded by now stays for good: never look through it again, and through the rest less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
