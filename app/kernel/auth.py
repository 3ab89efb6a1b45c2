"""Who is acting, and the declaration on every route of who may.

`people` tells this module how to find the person behind a request (`install_loader`); every other room only
asks `current_actor()`. What a person may do within the allowed routes is decided by the services.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from flask import g

from .errors import Forbidden, SignInRequired


class Role(StrEnum):
    """What an account is for. Positions, not roles, decide who may handle which task of a case."""

    OFFICER = "officer"  # 执法机关工作人员: handles cases by position
    SUPERVISOR = "supervisor"  # 执法监督人员
    ANALYST = "analyst"  # 流程配置人员: never handles cases of enforcement
    ADMIN = "admin"  # 系统管理员: accounts and calendar, never case content


@dataclass(frozen=True, slots=True)
class Actor:
    """The person behind an act, as of this request.

    `positions` are the keys of the positions held today in `agency_id`; `region` is the GB/T 2260 code.
    """

    account_id: int
    officer_id: int | None
    name: str
    agency_id: int
    agency_name: str
    region: str
    roles: frozenset[Role]
    positions: frozenset[str]
    must_change_password: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call a route. `roles` empty and not `public`: anybody who is signed in."""

    public: bool = False
    roles: frozenset[Role] = frozenset()
    password_change_exempt: bool = False


PUBLIC = Access(public=True)
SIGNED_IN = Access()


def roles(*allowed: Role) -> Access:
    """Only accounts with one of these roles."""
    return Access(roles=frozenset(allowed))


def _nobody() -> Actor | None:
    return None


_loader: Callable[[], Actor | None] = _nobody


def install_loader(loader: Callable[[], Actor | None]) -> None:
    """Tell the kernel how the person behind a request is found (done once, by `people`)."""
    global _loader
    _loader = loader


def actor_or_none() -> Actor | None:
    """The person behind this request, or None for a visitor."""
    if "actor" not in g:
        g.actor = _loader()
    return g.actor


def current_actor() -> Actor:
    """The person behind this request.

    Raises:
        SignInRequired: nobody is signed in.
    """
    actor = actor_or_none()
    if actor is None:
        raise SignInRequired("请先登录。")
    return actor


def require(access: Access) -> None:
    """Let the person behind this request pass, or refuse.

    Raises:
        SignInRequired: the route is not public and nobody is signed in.
        Forbidden: the account lacks every allowed role, or must first change its password.
    """
    if access.public:
        return
    actor = current_actor()
    if access.roles and not access.roles & actor.roles:
        raise Forbidden("您的账号没有使用这一功能的权限。如确有需要，请联系本单位管理员。")
    if actor.must_change_password and not access.password_change_exempt:
        raise Forbidden("请先修改初始密码。", code="password_change_required")
