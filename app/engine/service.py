"""The door of the engine room: check and parse diagrams, run cases."""

from collections.abc import Callable, Mapping

from .check import Problem, check
from .expressions import evaluate
from .migrate import obstacles, unavoidable
from .parser import CACHE, NodeInfo, Source, Spec, build
from .run import Advance, complete, is_live, live, refresh, register, register_late, start
from .state import FORMATS, with_attributes
from .timers import Due


def spec(key: str, load: Callable[[], Source]) -> Spec:
    """The parsed procedure of a version; parsed once per process. `key` is the SHA-256 of its bundle.

    Raises:
        Invalid: the files cannot be read or hold something the engine does not run.
    """
    return CACHE.get(key, load, build)


def nodes(spec: Spec) -> Mapping[str, NodeInfo]:
    """Every node of the diagram, by id."""
    return spec.nodes


__all__ = [
    "FORMATS", "Advance", "Due", "NodeInfo", "Problem", "Source", "Spec", "check", "complete", "evaluate", "is_live",
    "live", "nodes", "obstacles", "refresh", "register", "register_late", "spec", "start", "unavoidable",
    "with_attributes",
]  # fmt: skip
