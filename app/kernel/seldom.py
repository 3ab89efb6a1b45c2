"""Lists that are empty as a rule: an empty one is stored as NULL, which takes no room."""

from typing import Any

from sqlalchemy import ARRAY, BigInteger, TypeDecorator
from sqlalchemy.dialects import postgresql


class SeldomIds(TypeDecorator[list[int]]):
    """A column of ids (`bigint[]`) that mostly holds none."""

    impl = ARRAY(BigInteger)
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(postgresql.ARRAY(BigInteger))

    def process_bind_param(self, value: Any, dialect: Any) -> list[int] | None:
        return list(value) if value else None

    def process_result_value(self, value: Any, dialect: Any) -> list[int]:
        return value or []
