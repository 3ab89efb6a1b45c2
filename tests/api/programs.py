"""A program at the API's door: with a token, or in a browser with the session's cookie."""

import itertools
from typing import Any

from callers import Caller
from cases.town import Town, actor
from flask import Flask
from werkzeug.test import TestResponse

from app.people import tokens

V1 = "/api/v1"
_keys = itertools.count(1)


def new_key() -> str:
    """An idempotency key nobody used before."""
    return f"program{next(_keys):020d}"


class Program:
    """A program with an access token; sends JSON, keeps no cookie."""

    def __init__(self, app: Flask, secret: str | None):
        self.client = app.test_client(use_cookies=False)
        self.secret = secret
        self.address = f"10.200.{next(Caller.addresses) % 65536 // 256}.{next(Caller.addresses) % 256}"

    def open(self, method: str, path: str, headers: Any = None, **options: Any) -> TestResponse:
        sent = {"Authorization": f"Bearer {self.secret}"} if self.secret is not None else {}
        return self.client.open(
            path if path.startswith("/") and path.startswith(V1) else V1 + path,
            method=method,
            headers={**sent, **(headers or {})},
            environ_base={"REMOTE_ADDR": self.address},
            **options,
        )

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.open("GET", path, **options)

    def act(self, path: str, body: Any = None, key: str | None = None, **options: Any) -> TestResponse:
        """Post JSON with an idempotency key (a new one, unless given)."""
        headers = {"Idempotency-Key": new_key() if key is None else key, **options.pop("headers", {})}
        return self.open("POST", path, json={} if body is None else body, headers=headers, **options)


def token_of(town: Town, login: str, scope: str = "act", **options: Any) -> tokens.NewToken:
    """A new token of somebody's."""
    with town.act() as session:
        account_id = actor(session, login).account_id
        return tokens.create(session, account_id, "测试程序", scope=tokens.TokenScope(scope), **options)


def program(town: Town, login: str, scope: str = "act") -> Program:
    """Somebody's program."""
    return Program(town.app, token_of(town, login, scope).secret)
