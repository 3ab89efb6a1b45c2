"""What stands in the page frame: the main navigation, the person, and how the person wants to see it."""

from dataclasses import dataclass

from flask import Flask, current_app, request, url_for

from .auth import Actor, Role, actor_or_none


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the navigation. `key` is what a page names as its own place (`{% set place = "inbox" %}`);
    without `roles` everybody who is signed in sees it.
    """

    key: str
    label: str
    endpoint: str
    roles: frozenset[Role] = frozenset()


NAVIGATION = (
    Item("inbox", "工作台", "inbox.index", frozenset({Role.OFFICER})),
    Item("cases", "案件", "cases.index", frozenset({Role.OFFICER})),
    Item("open", "发起办件", "cases.choose", frozenset({Role.OFFICER})),
    Item("supervision", "执法监督", "supervision.index", frozenset({Role.SUPERVISOR})),
    Item("studio", "流程工作室", "studio.index", frozenset({Role.ANALYST})),
    Item("accounts", "账号管理", "people.accounts", frozenset({Role.ADMIN})),
    Item("health", "系统运行状况", "operations.health", frozenset({Role.ADMIN})),
)

DISPLAY_COOKIE = "xq_display"
CHOICES = {"contrast": ("normal", "high"), "size": ("normal", "large")}


def display() -> dict[str, str]:
    """How this browser wants pages: `{"contrast": "high", "size": "large"}`, only known values."""
    wanted = dict(part.partition(":")[::2] for part in request.cookies.get(DISPLAY_COOKIE, "").split("|"))
    return {name: wanted[name] for name, allowed in CHOICES.items() if wanted.get(name) in allowed}


def exists(endpoint: str) -> bool:
    """Whether the application has that page."""
    return endpoint in current_app.view_functions


def entries(actor: Actor | None) -> list[dict[str, str]]:
    """The navigation of this person: key, label and address of every page they may open."""
    if actor is None:
        return []
    return [
        {"key": item.key, "label": item.label, "url": url_for(item.endpoint)}
        for item in NAVIGATION
        if exists(item.endpoint) and (not item.roles or item.roles & actor.roles)
    ]


def install(app: Flask) -> None:
    """Give every template the frame's values."""

    @app.context_processor
    def frame() -> dict:
        actor = actor_or_none()
        return {
            "person": actor,
            "navigation": entries(actor),
            "display": display(),
            "page_exists": exists,
        }
