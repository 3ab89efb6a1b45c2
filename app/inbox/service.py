"""The door of the inbox: the same lists and the same task the pages show."""

from .annexes import Annex
from .annexes import install as install_annex
from .presentation import RowView, TaskView, rows, task
from .queries import Box, Page, page

__all__ = ["Annex", "Box", "Page", "RowView", "TaskView", "install_annex", "page", "rows", "task"]
