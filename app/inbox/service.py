"""The door of the inbox: the same lists and the same task the pages show."""

from .presentation import RowView, TaskView, rows, task
from .queries import Box, Page, page

__all__ = ["Box", "Page", "RowView", "TaskView", "page", "rows", "task"]
