"""The front end's files, under the names Vite gave them: `asset('main.js')`, `stylesheets('main.js')`.

Vite puts a hash of the content into every name, so a browser may keep a file for ever and a new release is
seen at once.
"""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask, Response, request, url_for

log = logging.getLogger(__name__)
FOREVER = "public, max-age=31536000, immutable"


class Manifest:
    """Vite's list of entry files, read again when a build replaced it."""

    def __init__(self, path: Path):
        self.path = path
        self._read_at = -1.0
        self._entries: dict[str, Any] = {}

    def entries(self) -> dict[str, Any]:
        try:
            changed = self.path.stat().st_mtime
        except FileNotFoundError:
            log.warning("the front end is not built: run script/bootstrap")
            return {}
        if changed != self._read_at:
            self._entries = json.loads(self.path.read_text())
            self._read_at = changed
        return self._entries

    def file(self, name: str) -> str:
        """The built file of an entry, by its path below `app/frontend/src`."""
        entry = self.entries().get(f"src/{name}")
        return entry["file"] if entry else name

    def styles(self, name: str) -> list[str]:
        """The style sheets an entry needs, those of shared parts first."""
        sheets = (file for part in self._parts(name) for file in part.get("css", []))
        return list(dict.fromkeys(sheets))

    def everything(self, name: str) -> list[str]:
        """Every file an entry needs, scripts it imports at once and style sheets included."""
        return [*(part["file"] for part in self._parts(name)), *self.styles(name)]

    def _parts(self, name: str) -> list[Mapping[str, Any]]:
        """An entry and all it imports at once, what is imported first."""
        entries, found, seen = self.entries(), [], set()

        def walk(key: str) -> None:
            if key in seen or key not in entries:
                return
            seen.add(key)
            for part in entries[key].get("imports", []):
                walk(part)
            found.append(entries[key])

        walk(f"src/{name}")
        return found


def install(app: Flask) -> None:
    """Give the templates `asset` and `stylesheets`, and let browsers keep what never changes."""
    manifest = Manifest(Path(app.static_folder or "") / "dist" / "manifest.json")

    def asset(name: str) -> str:
        return url_for("static", filename=f"dist/{manifest.file(name)}")

    def stylesheets(name: str) -> list[str]:
        return [url_for("static", filename=f"dist/{file}") for file in manifest.styles(name)]

    def asset_files(name: str) -> list[str]:
        return [url_for("static", filename=f"dist/{file}") for file in manifest.everything(name)]

    app.jinja_env.globals.update(asset=asset, stylesheets=stylesheets, asset_files=asset_files)

    @app.after_request
    def keep(response: Response) -> Response:
        if request.path.startswith("/static/dist/assets/") and response.status_code in (200, 206, 304):
            response.headers["Cache-Control"] = FOREVER
        return response
