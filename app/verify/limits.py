"""Limits in working days, by the worst calendar there was."""

import json
from datetime import date
from functools import lru_cache
from importlib import resources

_UNITS = {"wd": 1, "d": 1, "h": 24}
_MONTHS = {"m": 1, "y": 12}


@lru_cache(maxsize=64)
def span(number: int, unit: str) -> tuple[int, int]:
    """The fewest and the most days that a number of months (`m`) or years (`y`) can hold: three months 89 and 92."""
    months = number * _MONTHS[unit]
    found = [
        (date(2000 + (m + months) // 12, (m + months) % 12 + 1, 1) - date(2000 + m // 12, m % 12 + 1, 1)).days
        for m in range(48)
    ]
    return min(found), max(found)


@lru_cache(maxsize=1)
def fewest() -> tuple[int, ...]:
    """Fewest working days in any n days on end (2019–2026)."""
    data = resources.files("app.verify").joinpath("data/fewest_working_days.json").read_text(encoding="utf-8")
    return tuple(json.loads(data)["fewest"])


def working_days(limit: str) -> int | None:
    """The working days a limit is certainly good for: `90d` in the worst calendar; None if it is no limit."""
    found = read(limit)
    if found is None:
        return None
    number, unit = found
    if unit in _MONTHS:
        number, unit = span(number, unit)[0], "d"
    if unit == "d":
        table = fewest()
        # Beyond the table whole years are taken, each with the fewest days a year had.
        return table[number] if number < len(table) else number // 365 * table[365] + table[number % 365]
    return number if unit == "wd" else number // 24


def cost(limit: str) -> int:
    """The working days a task's limit can take at most; a started day counts whole."""
    found = read(limit)
    if found is None:
        return 0
    number, unit = found
    return span(number, unit)[1] if unit in _MONTHS else -(-number // _UNITS[unit])


def read(limit: str) -> tuple[int, str] | None:
    """Number and unit (`wd` working days, `d` days, `h` hours, `m` months, `y` years) of a limit; None if it is none."""
    number = limit.rstrip("wdhmy")
    unit = limit[len(number) :]
    return (int(number), unit) if number.isdigit() and unit in _UNITS | _MONTHS else None
