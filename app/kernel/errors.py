"""Errors a person can do something about.

Each has a stable `code` (for programs), a Chinese message that says what to do next, and, where one
exists, the `field` or element it is about. `app.kernel.web` maps them to HTTP answers in one place.
"""

from collections.abc import Mapping, Sequence


class XingquanError(Exception):
    """Base of every error that is shown to a person."""

    status = 400
    code = "error"

    def __init__(self, message: str, *, code: str | None = None, field: str | None = None):
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.field = field


class SignInRequired(XingquanError):
    """Nobody is signed in; the page leads to the sign-in form and back."""

    status = 401
    code = "sign_in_required"


class Forbidden(XingquanError):
    """The person may not do this. Never used where the thing's very existence is not theirs to know."""

    status = 403
    code = "forbidden"


class NotFound(XingquanError):
    """The thing does not exist, or does not exist for this person."""

    status = 404
    code = "not_found"

    def __init__(self, message: str = "没有找到您要的内容。它可能不存在，或者不属于您的机关。", **kw):
        super().__init__(message, **kw)


class Conflict(XingquanError):
    """Somebody else was faster, or the state has moved on."""

    status = 409
    code = "conflict"


class Invalid(XingquanError):
    """Input that cannot be accepted. `errors` maps a field's key to its Chinese messages."""

    status = 422
    code = "invalid"

    def __init__(
        self, message: str = "有内容需要修改。", *, errors: Mapping[str, Sequence[str]] | None = None, **kw
    ):
        super().__init__(message, **kw)
        self.errors: dict[str, list[str]] = {k: list(v) for k, v in (errors or {}).items()}


class Refused(XingquanError):
    """A gate of law stands in the way. `article` is the provision it enforces."""

    status = 422
    code = "refused"

    def __init__(self, message: str, *, article: str = "", **kw):
        super().__init__(message, **kw)
        self.article = article


class TooOften(XingquanError):
    """One address asks faster than a person works. `retry_after` is in seconds."""

    status = 429
    code = "too_often"

    def __init__(self, message: str, *, retry_after: int = 60, **kw):
        super().__init__(message, **kw)
        self.retry_after = retry_after
