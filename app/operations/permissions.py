"""权限矩阵: who may call which address, as the routes themselves declare it, so that page and fence are the same thing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Flask

from app.kernel import plain_yaml
from app.kernel.auth import Access, Role

DATA = Path(__file__).parent / "data" / "rooms.yaml"
READS = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True, slots=True)
class Line:
    """One address with one method. `public`: without signing in; `roles`: those that may call it. What a person then
    finds there is decided by position, agency and region."""

    path: str
    method: str
    public: bool
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the platform: its name, who is responsible for it, its addresses."""

    name: str
    duty: str
    lines: Sequence[Line]

    def open_to(self, role: Role, *, reading: bool) -> bool:
        """Whether a role may read anything there, or change anything."""
        return any(role in line.roles and (line.method in READS) == reading for line in self.lines)


@cache
def _names() -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = plain_yaml.load(DATA.read_text(encoding="utf-8"))["rooms"]
    return found


def called(access: Access) -> frozenset[Role]:
    """The roles that may call a route: where it names none, everybody who is signed in."""
    return access.roles if access.roles and not access.public else frozenset(Role)


def matrix(app: Flask) -> list[Part]:
    """Every address of the application, by part."""
    lines: dict[str, list[Line]] = {key: [] for key in _names()}
    declared: Mapping[str, Access] = app.extensions["xq.access"]
    for rule in app.url_map.iter_rules():
        access = declared[rule.endpoint]
        key = rule.endpoint.partition(".")[0]
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            lines[key].append(Line(rule.rule, method, access.public, called(access)))
    return [
        Part(one["name"], one["duty"], sorted(lines[key], key=lambda line: (line.path, line.method)))
        for key, one in _names().items()
    ]
