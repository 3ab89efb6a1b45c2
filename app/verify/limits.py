"""Limits in working days, by the worst calendar there was."""

import json
from functools import lru_cache
from importlib import resources

_UNITS = {"wd": 1, "d": 1, "h": 24}


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
    return -(-number // _UNITS[unit])


def read(limit: str) -> tuple[int, str] | None:
    """Number and unit (`wd` working days, `d` days, `h` hours) of a limit; None if it is none."""
    number = limit.rstrip("wdh")
    unit = limit[len(number) :]
    return (int(number), unit) if number.isdigit() and unit in _UNITS else None
