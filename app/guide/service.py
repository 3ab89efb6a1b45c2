"""The door of the room: how to do a step, examples, manuals, tours."""

from .course import Way
from .examples import Example, paper
from .examples import of_step as example_of
from .steps import StepGuide, of_node, of_procedure, statutory
from .tours import all_tours, pending

__all__ = [
    "Example", "StepGuide", "Way", "all_tours", "example_of", "of_node", "of_procedure", "paper", "pending", "statutory",
]  # fmt: skip
