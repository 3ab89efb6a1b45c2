"""The rules of accounts, as functions of values."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.kernel.addresses import local_path
from app.people import passwords, rules
from app.people.rules import LIMITS, Lockout

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def problems(password: str, login: str = "hb-intake", name: str = "甲子") -> list[str]:
    return rules.password_problems(password, login=login, name=name, common=passwords.common())


@pytest.mark.parametrize(
    "password", ["Yanshi-2026-xq", "correct7horse", "枣庄abc12345678", "x" * 5 + "yz12345"]
)
def test_a_good_password_passes(password):
    assert problems(password) == []


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("a1b2c3d4e", "至少 10 个字符"),
        ("abcdefghijkl", "英文字母和数字"),
        ("123456789012", "英文字母和数字"),
        ("枣庄枣庄枣庄枣庄1234", "英文字母和数字"),
        ("aaaaaaaaaaa1", "重复"),
        ("xxHB-INTAKE77", "登录名"),
        ("甲子qwert99887", "姓名"),
        ("Password123", "太常见"),
        ("1qaz2wsx3edc!", "太常见"),
        ("a1" * 70 + "bcd", "最多"),
    ],
)
@pytest.mark.requirement("S2-60")
def test_a_bad_password_is_named(password, word):
    assert any(word in problem for problem in problems(password))


def test_one_time_passwords_satisfy_the_policy_and_differ():
    made = {passwords.one_time() for _ in range(50)}
    assert len(made) == 50
    assert all(problems(password) == [] for password in made)


def test_every_password_known_to_everybody_would_else_pass():
    """The list only earns its place with what the other rules let through."""
    for password in passwords.common():
        found = rules.password_problems(password, login="zz", name="", common=())
        assert found == [], password


def test_a_password_expires_after_ninety_days_and_warns_a_week_before():
    assert rules.password_expiry(NOW) == NOW + timedelta(days=90)
    assert rules.password_expiry(NOW, expires=False) is None
    assert rules.password_days_left(NOW, NOW + timedelta(days=82)) is None
    assert rules.password_days_left(NOW, NOW + timedelta(days=83)) == 7
    assert rules.password_days_left(NOW, NOW + timedelta(days=95)) == 0
    assert rules.password_days_left(NOW, NOW + timedelta(days=95), expires=False) is None


def test_every_fifth_failure_locks_for_twice_as_long():
    state = Lockout()
    minutes = []
    for n in range(1, 26):
        state = rules.after_failure(state, NOW)
        if n % 5 == 0:
            minutes.append((state.until - NOW).total_seconds() / 60)
        else:
            assert n > 5 or not state.locked(NOW)
    assert minutes == [15, 30, 60, 120, 240]


def test_a_lock_never_lasts_longer_than_a_day():
    state = rules.replay_failures([NOW] * 5_000)
    assert state.until == NOW + LIMITS.lock_max


def test_yesterdays_failures_are_forgotten():
    state = rules.replay_failures([NOW] * 4)
    assert rules.after_failure(state, NOW + timedelta(hours=25)).count == 1


def test_a_lock_ends_by_itself():
    state = rules.replay_failures([NOW] * 5)
    assert state.locked(NOW + timedelta(minutes=14, seconds=59))
    assert not state.locked(NOW + timedelta(minutes=15))


def test_a_session_ends_when_idle_and_at_the_end_of_the_day():
    whole = NOW + LIMITS.session_whole
    assert rules.session_alive(NOW, whole, NOW + timedelta(minutes=29))
    assert not rules.session_alive(NOW, whole, NOW + timedelta(minutes=30))
    assert not rules.session_alive(whole - timedelta(seconds=1), whole, whole)


@pytest.mark.parametrize("target", ["/", "/cases/1?x=2&y=/z", "/a//b", "/%E6%9E%A3"])
def test_a_path_of_this_site_is_followed(target):
    assert local_path(target) == target


@pytest.mark.parametrize(
    "target",
    ["", None, "work", "//evil.example", "/\\evil.example", "https://evil.example/", "/a\nb", "/\t/x",
     "javascript:alert(1)", "///evil.example", "/" + "a" * 2000, " /x"],
)  # fmt: skip
def test_anything_else_is_not(target):
    assert local_path(target) is None


def test_a_certificate_holds_on_its_last_day_and_not_on_the_day_of_its_revocation():
    first, last = date(2024, 1, 1), date(2026, 12, 31)
    assert not rules.certificate_valid(first, last, None, date(2023, 12, 31))
    assert rules.certificate_valid(first, last, None, first)
    assert rules.certificate_valid(first, last, None, last)
    assert not rules.certificate_valid(first, last, None, date(2027, 1, 1))
    assert rules.certificate_valid(first, None, None, date(2099, 1, 1))
    assert rules.certificate_valid(first, last, date(2025, 5, 5), date(2025, 5, 4))
    assert not rules.certificate_valid(first, last, date(2025, 5, 5), date(2025, 5, 5))


@pytest.mark.parametrize(
    ("roles", "allowed"),
    [
        ({"officer"}, True),
        ({"officer", "supervisor"}, True),
        ({"supervisor", "analyst"}, True),
        ({"admin", "officer"}, False),
        ({"admin", "supervisor"}, False),
        ({"admin", "analyst"}, False),
        ({"analyst", "officer"}, False),
    ],
)
def test_roles_that_must_not_meet(roles, allowed):
    assert (rules.roles_conflict(roles) is None) is allowed


def test_a_device_is_named_as_a_person_would():
    edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0"
    assert rules.agent_label(edge) == "Edge · Windows"
    assert rules.agent_label("") == "其他浏览器 · 其他设备"
