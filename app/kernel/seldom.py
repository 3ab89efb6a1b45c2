"""Lists of ids that are empty as a rule: none is NULL, which takes no room, and a few are two bytes each as words."""

from typing import Any

from sqlalchemy import TEXT, TypeDecorator

AS_ARRAY = "coalesce(string_to_array({}, ' ')::bigint[], array[]::bigint[])"
"""The expression for such a column as `bigint[]`. An array of PostgreSQL has a head of 24 bytes."""


class SeldomIds(TypeDecorator[list[int]]):
    """A column of ids that mostly holds none: their digits with blanks between them, in their order."""

    impl = TEXT
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:
        return " ".join(map(str, value)) if value else None

    def process_result_value(self, value: str | None, dialect: Any) -> list[int]:
        return [int(each) for each in value.split()] if value else []
