"""The door of the engine room: check and parse diagrams, run cases."""

from collections.abc import Callable, Mapping

from .check import Problem, check
from .expressions import evaluate
from .migrate import obstacles, unavoidable
from .parser import CACHE, NodeInfo, Source, Spec, build
from .run import Advance, complete, is_live, live, refresh, register, register_late, start
from .state import FORMATS, with_attributes
from .timers import Due
from .trail import (
    Act,
    Again,
    Moved,
    Token,
    Tokens,
    again,
    alike,
    attributes,
    counter,
    difference,
    ident,
    moved,
    next_due,
    renewed,
    rewritten,
    stored,
    tokens,
    under,
)


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
    "FORMATS", "Act", "Advance", "Again", "Due", "Moved", "NodeInfo", "Problem", "Source", "Spec", "Token", "Tokens",
    "again", "alike", "attributes", "check", "complete", "counter", "difference", "evaluate", "ident", "is_live",
    "live", "moved", "next_due", "nodes", "obstacles", "refresh", "register", "register_late", "renewed", "rewritten",
    "spec", "start", "stored", "tokens", "unavoidable", "under", "with_attributes",
]  # fmt: skip
