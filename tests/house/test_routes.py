"""Every way in: declared, fenced, and never a crash, for everybody who might try it."""

from collections.abc import Iterator
from typing import Any

import pytest
from callers import Caller
from flask import Flask, request
from lxml import html
from sqlalchemy import select
from werkzeug.routing import AnyConverter, IntegerConverter, Rule
from werkzeug.routing.converters import UUIDConverter

import app as package
from app import create_app
from app.kernel import clock
from app.kernel.auth import Access, Role
from app.kernel.transaction import transaction
from app.kernel.web import PROGRAMS
from app.people import demo, passwords
from app.people.models import Account, Agency, Officer

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
JSON = {"Accept": "application/json"}
NO_RIGHT = "您的账号没有使用这一功能的权限"
NOT_READY = {"/readyz"}
"""Answers 503 while the database is not migrated, which is its job."""

MADE_PUBLIC = {"public.items", "public.embedded_items", "api.public_items"}
"""Of what leads somewhere without arguments: what everybody may read alike, and keep for a minute."""
KEPT = {"public, max-age=60", "private, no-cache"}

pytestmark = pytest.mark.usefixtures("city")


def undeclared(app: Flask) -> list[str]:
    """Endpoints that do not say who may call them."""
    table = app.extensions["xq.access"]
    return sorted({r.endpoint for r in app.url_map.iter_rules()} - set(table))


def access(app: Flask, rule: Rule) -> Access:
    return app.extensions["xq.access"][rule.endpoint]


def address(app: Flask, rule: Rule, number: int = 987654321, word: str = "no-such-thing") -> str:
    """The rule's path with arguments that lead to nothing."""
    values: dict[str, Any] = {}
    for name, converter in rule._converters.items():
        if isinstance(converter, AnyConverter):
            values[name] = min(converter.items)
        elif isinstance(converter, IntegerConverter):
            values[name] = number
        elif isinstance(converter, UUIDConverter):
            values[name] = "00000000-0000-4000-8000-000000000000"
        else:
            values[name] = word
    return app.url_map.bind("localhost").build(
        rule.endpoint, values, method=min(rule.methods - {"HEAD", "OPTIONS"})
    )


def rules(app: Flask, methods: set[str]) -> Iterator[tuple[str, Rule]]:
    """Each rule with each of its methods among these."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) & methods):
            yield method, rule


@pytest.fixture(scope="module")
def members(app: Flask, city: None) -> dict[Role, str]:
    """The login of one account for each role, made with real roles and no positions."""
    logins = {}
    with app.app_context(), transaction() as session:
        agency = session.scalars(select(Agency).where(Agency.code == "370402-01")).one()
        shared = passwords.digest(demo.password())
        for role in Role:
            officer = Officer(agency_id=agency.id, name=f"{role}（演示）", pinyin=str(role))
            session.add(officer)
            session.flush()
            logins[role] = f"walker-{role}"
            session.add(
                Account(
                    login=logins[role],
                    agency_id=agency.id,
                    officer_id=officer.id,
                    name=officer.name,
                    roles=[str(role)],
                    password_hash=shared,
                    must_change=False,
                    password_changed_at=clock.now(),
                )
            )
    return logins


@pytest.fixture(scope="module")
def everybody(app, members) -> dict[Role | None, Caller]:
    """A signed-in browser for each role, and a visitor's under None."""
    found: dict[Role | None, Caller] = {None: Caller(app)}
    for role, login in members.items():
        found[role] = Caller(app)
        assert found[role].sign_in(login).status_code == 303
    return found


def test_every_route_says_who_may_call_it(app):
    assert undeclared(app) == []


def test_a_route_that_does_not_is_found_and_refused(app):
    loose = package.create_app(
        {"TESTING": True, "SQLALCHEMY_DATABASE_URI": app.config["SQLALCHEMY_DATABASE_URI"]}
    )
    loose.add_url_rule("/loose", "loose", lambda: "anybody may read this")
    assert undeclared(loose) == ["loose"]
    answer = loose.test_client().get("/loose", headers=JSON)
    assert answer.status_code == 403
    assert "没有声明访问权限" in answer.json["message"]


def test_a_visitor_is_sent_to_the_sign_in_page(app, caller):
    for method, rule in rules(app, {"GET", *UNSAFE}):
        if access(app, rule).public:
            continue
        path = address(app, rule)
        answer = caller.client.open(path, method=method)
        if path.startswith(PROGRAMS):
            assert answer.status_code == 401, f"{method} {path}"
            assert answer.mimetype == "application/problem+json", f"{method} {path}"
            continue
        assert answer.status_code == 302, f"{method} {path}"
        assert answer.location.startswith("/sign-in"), f"{method} {path}"
        assert caller.client.open(path, method=method, headers=JSON).status_code == 401, f"{method} {path}"


def test_no_unsafe_route_acts_without_the_token(app, everybody):
    for method, rule in rules(app, UNSAFE):
        wanted, path = access(app, rule), address(app, rule)
        for role, who in everybody.items():
            if not wanted.public and (role is None or (wanted.roles and role not in wanted.roles)):
                continue
            for sent in ({}, {"_csrf": "wrong"}):
                answer = who.client.open(path, method=method, data=sent, headers=JSON)
                assert answer.status_code == 403, f"{method} {path} as {role}"
                assert answer.json["code"] == "csrf", f"{method} {path} as {role}"


def test_no_unsafe_route_acts_for_another_site(app, everybody):
    who = everybody[Role.ADMIN]
    headers = {**JSON, "X-CSRF-Token": who.token("/account"), "Sec-Fetch-Site": "cross-site"}
    for method, rule in rules(app, UNSAFE):
        if Role.ADMIN in (access(app, rule).roles or {Role.ADMIN}):
            answer = who.client.open(address(app, rule), method=method, headers=headers)
            assert answer.json["code"] == "cross_site", rule.rule


def expected(wanted: Access, role: Role | None, leads_nowhere: bool) -> set[int]:
    """The answers somebody may get to a GET."""
    if not wanted.public and role is None:
        return {302, 401}
    if not wanted.public and wanted.roles and role not in wanted.roles:
        return {403}
    if leads_nowhere:
        return {302, 303, 403, 404, 422} | ({200, 204} if wanted.public else set())
    return {200, 204, 302, 303, 400, 403, 404, 422}


def test_every_page_for_everybody(app, everybody):
    """All routes × all roles: what is allowed answers, what is not is refused, nothing crashes."""
    wrong = []
    for _, rule in rules(app, {"GET"}):
        path, wanted = address(app, rule), access(app, rule)
        for role, who in everybody.items():
            status = who.get(path).status_code
            if status not in expected(wanted, role, bool(rule.arguments)) and rule.rule not in NOT_READY:
                wrong.append(f"{path} as {role}: {status}")
    assert wrong == []


@pytest.mark.parametrize(
    ("number", "word"), [(10**30, "枣庄"), (0, "x" * 3000), (2**63, "a\0b"), (2**31, "%s';--")]
)
def test_hostile_arguments_crash_nothing(app, everybody, number, word):
    wrong = []
    for _, rule in rules(app, {"GET"}):
        if not rule.arguments or rule.endpoint == "static":
            continue
        path = address(app, rule, number, word)
        for role in (Role.OFFICER, Role.ADMIN):
            status = everybody[role].get(path).status_code
            if status >= 500:
                wrong.append(f"{path[:80]} as {role}: {status}")
    assert wrong == []


def test_hostile_queries_crash_nothing(app, everybody):
    wrong = []
    names = ("q", "page", "after", "before", "next", "sort", "status", "id", "done", "limit", "cursor", "tab")
    for _, rule in rules(app, {"GET"}):
        path = address(app, rule)
        for value in ("%00", "%ff%fe", "-1", "9" * 40, "'%22%3E%3Cscript%3E", "{{7*7}}", "x" * 3000):
            query = "&".join(f"{name}={value}" for name in names)
            for role in (Role.OFFICER, Role.ADMIN):
                answer = everybody[role].get(f"{path}?{query}")
                if answer.status_code >= 500 and rule.rule not in NOT_READY:
                    wrong.append(f"{path}?…={value[:20]} as {role}: {answer.status_code}")
                elif answer.mimetype == "text/html" and "><script>" in answer.get_data(as_text=True):
                    wrong.append(f"{path} repeats markup from the query")
    assert wrong == []


@pytest.mark.requirement("S3-10")
def test_the_page_of_permissions_says_what_each_address_really_answers(app, everybody):
    """All routes × all roles × reading and acting, against the cells of the page."""
    page = html.fromstring(everybody[Role.ADMIN].get("/admin/permissions").get_data(as_text=True))
    told = {
        row.get("data-rule"): {
            cell.get("data-role"): "✓" in cell.text_content() for cell in row.findall("td")
        }
        for row in page.iterfind(".//tr[@data-rule]")
    }
    tokens = {role: who.token("/account") for role, who in everybody.items() if role is not None}
    wrong, seen = [], set()
    for method, rule in rules(app, {"GET", *UNSAFE}):
        line = f"{method} {rule.rule}"
        seen.add(line)
        if rule.endpoint == "people.sign_out" or rule.rule in NOT_READY:
            continue
        for role, token in tokens.items():
            sent = {"headers": {**JSON, "X-CSRF-Token": token}} if method != "GET" else {"headers": JSON}
            answer = everybody[role].client.open(address(app, rule), method=method, **sent)
            refused = answer.status_code == 403 and NO_RIGHT in str(answer.get_json(silent=True))
            if refused == told[line][str(role)]:
                wrong.append(f"{line} as {role}: {answer.status_code}, told {told[line][str(role)]}")
    assert wrong == []
    assert seen == set(told)


def test_every_answer_carries_the_headers_of_the_house(app, everybody):
    for _, rule in rules(app, {"GET"}):
        if rule.endpoint == "static":
            continue
        answer = everybody[Role.ADMIN].get(address(app, rule))
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy, rule.rule
        assert answer.headers["X-Content-Type-Options"] == "nosniff", rule.rule
        kept = answer.headers.get("Cache-Control", "")
        assert kept in KEPT if rule.endpoint in MADE_PUBLIC else "no-store" in kept, rule.rule


def test_a_forwarded_address_is_believed_only_behind_a_declared_proxy():
    def address(proxies: int) -> str:
        application = create_app({"TESTING": True, "TRUSTED_PROXIES": proxies})
        seen: list[str] = []
        application.before_request_funcs[None].insert(0, lambda: seen.append(request.remote_addr))
        application.test_client().get("/healthz", headers={"X-Forwarded-For": "203.0.113.9"})
        return seen[0]

    assert address(0) == "127.0.0.1"
    assert address(1) == "203.0.113.9"
