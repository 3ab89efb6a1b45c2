"""A stored file as an answer: whole or a part of it (RFC 9110, 14), never more in memory than a segment."""

from collections.abc import Iterator
from urllib.parse import quote

from flask import Response, request
from werkzeug.http import parse_range_header

from . import files

INERT = "default-src 'none'; sandbox"
"""What somebody handed in runs nothing and loads nothing, whatever it is."""
PAPER = "default-src 'none'; object-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
"""The same for a PDF that the browser's own reader shows: it does not show what is in a sandbox."""
SHOWN = frozenset({"application/pdf", "image/jpeg", "image/png", "video/mp4", "audio/mpeg", "audio/wav"})
"""What a browser may show by itself; everything else is offered for saving."""


def send(digest: str, name: str, media: str, *, save: bool = False) -> Response:
    """The file with this SHA-256 under the name it came with; `save`: to be saved, whatever it is.

    Answers 206 to a range that can be satisfied, 416 to one that cannot, 304 where the browser has it already. A range
    asked for `If-Range` of another file is not one. Several ranges at once are answered with the whole.

    Raises:
        FileNotFoundError: nothing is stored under it.
        Unreadable: it is not what was put there.
    """
    inline = media in SHOWN and not save
    etag = f'"{digest}"'
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": etag,
        "Cache-Control": "private, no-cache",
        "Content-Security-Policy": INERT,
        "Content-Disposition": f'{"inline" if inline else "attachment"}; filename="file"; '
        f"filename*=UTF-8''{quote(name, safe='')}",
    }
    mimetype = media if inline else "application/octet-stream"
    if etag in request.headers.get("If-None-Match", ""):
        return Response(status=304, headers=headers)
    reader = files.Reader(digest)
    part = _wanted(reader.size, etag)
    if part == (0, 0):
        reader.close()
        headers["Content-Range"] = f"bytes */{reader.size}"
        return Response(status=416, headers=headers)
    start, stop = part or (0, reader.size)
    if part:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{reader.size}"
    headers["Content-Length"] = str(stop - start)
    response = Response(
        _pieces(reader, start, stop) if request.method != "HEAD" else None,
        206 if part else 200,
        headers,
        content_type=mimetype,
    )
    response.call_on_close(reader.close)
    return response


def _pieces(reader: files.Reader, start: int, stop: int) -> Iterator[bytes]:
    with reader:
        yield from reader.pieces(start, stop)


def _wanted(size: int, etag: str) -> tuple[int, int] | None:
    """The part asked for as (from, up to); None: the whole; (0, 0): one that does not exist."""
    condition = request.headers.get("If-Range")
    if condition is not None and condition.strip() != etag:
        return None
    asked = parse_range_header(request.headers.get("Range"))
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return None
    begin, end = asked.ranges[0]
    if begin < 0:
        begin = max(0, size + begin)
    if begin >= size:
        return 0, 0
    return begin, size if end is None else min(end, size)
