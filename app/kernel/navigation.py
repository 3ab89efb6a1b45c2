"""What stands in the page frame: the main navigation, the person, and how the person wants to see it."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request, url_for

from .auth import Actor, Role, actor_or_none


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the navigation. `key` is what a page names as its own place (`{% set place = "inbox" %}`);
    without `roles` and `positions` everybody who is signed in sees it. Beside the `roles`, an officer who holds one of
    the `positions`.
    """

    key: str
    label: str
    endpoint: str
    roles: frozenset[Role] = frozenset()
    positions: frozenset[str] = frozenset()

    def shown_to(self, actor: Actor) -> bool:
        """Whether this person may open the page."""
        posted = Role.OFFICER in actor.roles and bool(self.positions & actor.positions)
        return not (self.roles or self.positions) or bool(self.roles & actor.roles) or posted


HEADS = frozenset({"deputy", "head"})
REVIEWERS = frozenset({"legal_review"})
KEEPERS = frozenset({"item_admin", "legal_review", "deputy", "head"})

NAVIGATION = (
    Item("studio", "流程工作室", "studio.index", frozenset({Role.ANALYST})),
    Item("inbox", "工作台", "inbox.index", frozenset({Role.OFFICER, Role.ANALYST})),
    Item("review", "法制审核", "review.legal_index", positions=REVIEWERS),
    Item("scene", "现场", "scene.shell", frozenset({Role.OFFICER})),
    Item("cases", "案件", "cases.index", frozenset({Role.OFFICER, Role.ANALYST})),
    Item("sittings", "会议与听证", "review.sittings", frozenset({Role.OFFICER})),
    Item("register", "文书登记簿", "archive.index", frozenset({Role.OFFICER})),
    Item("open", "发起办件", "cases.choose", frozenset({Role.OFFICER})),
    Item("items", "权力事项", "items.index", frozenset({Role.SUPERVISOR}), KEEPERS),
    Item("supervision", "执法监督", "supervision.index", frozenset({Role.SUPERVISOR})),
    Item("moving", "在办迁移", "studio.moving", frozenset({Role.ANALYST}), HEADS),
    Item("sight", "运行分析", "studio.sight", frozenset({Role.ANALYST, Role.SUPERVISOR}), HEADS),
    Item("intake", "事项导入", "intake.index", frozenset({Role.ANALYST}), frozenset({"item_admin"})),
    Item("laws", "法律依据", "law.index", frozenset({Role.OFFICER, Role.ANALYST, Role.SUPERVISOR})),
    Item("accounts", "账号管理", "people.accounts", frozenset({Role.ADMIN})),
    Item("health", "系统运行状况", "operations.health", frozenset({Role.ADMIN})),
    Item("permissions", "权限矩阵", "operations.permission_matrix", frozenset({Role.ADMIN, Role.SUPERVISOR})),
)

ROOM = 8
"""Entries that stand side by side on a screen of 1280 px, beside the agency and the person."""

DISPLAY_COOKIE = "xq_display"
CHOICES = {"contrast": ("normal", "high"), "size": ("normal", "large")}


def display() -> dict[str, str]:
    """How this browser wants pages: `{"contrast": "high", "size": "large"}`, only known values."""
    wanted = dict(part.partition(":")[::2] for part in request.cookies.get(DISPLAY_COOKIE, "").split("|"))
    return {name: wanted[name] for name, allowed in CHOICES.items() if wanted.get(name) in allowed}


def exists(endpoint: str) -> bool:
    """Whether the application has that page."""
    return endpoint in current_app.view_functions


def entries(actor: Actor | None) -> list[dict[str, Any]]:
    """The navigation of this person: key, label and address of every page they may open, and whether it is one of the
    `first`, which stand in the bar; the others stand under 更多.
    """
    if actor is None:
        return []
    shown = [item for item in NAVIGATION if exists(item.endpoint) and item.shown_to(actor)]
    many = len(shown) > ROOM
    return [
        {
            "key": item.key,
            "label": item.label,
            "url": url_for(item.endpoint),
            "first": number < (ROOM - 1 if many else ROOM),
        }
        for number, item in enumerate(shown)
    ]


def install(app: Flask) -> None:
    """Give every template the frame's values."""

    @app.context_processor
    def frame() -> dict:
        actor = actor_or_none()
        return {
            "person": actor,
            "signed_in": actor,  # the frame's own name: pages have persons of theirs
            "navigation": entries(actor),
            "display": display(),
            "page_exists": exists,
        }
