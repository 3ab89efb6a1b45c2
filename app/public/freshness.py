"""How long what is public may be kept by a browser, a portal or a proxy: what stopped counting is gone within a minute."""

from flask import Response, request

SECONDS = 60


def shared(response: Response) -> Response:
    """An answer that is the same for everybody: it may be kept for a minute, then asked for again by its ETag."""
    response.headers["Cache-Control"] = f"public, max-age={SECONDS}"
    response.add_etag()
    return response.make_conditional(request)


def own(response: Response) -> Response:
    """A page in the platform's frame: it shows who is signed in and how this browser wants it, so it is asked for again
    each time, and sent again only where it differs."""
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    return response.make_conditional(request)
