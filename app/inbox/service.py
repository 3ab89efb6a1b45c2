"""The door of the inbox: the same lists and the same task the pages show."""

from .annexes import Annex, install_bench
from .annexes import install as install_annex
from .boxes import Box
from .lines import RowView, rows
from .presentation import TaskView, task
from .queries import Asked, Page, page
from .returns import install_record

__all__ = [
    "Annex",
    "Asked",
    "Box",
    "Page",
    "RowView",
    "TaskView",
    "install_annex",
    "install_bench",
    "install_record",
    "page",
    "rows",
    "task",
]
