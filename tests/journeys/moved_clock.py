"""The platform as `script/server` runs it, its worker included, with a calendar that can be turned."""

from turning import follow

from app.kernel import settings

follow(settings.home())

from app.web_process import app  # noqa: E402 - the calendar comes first

__all__ = ["app"]
