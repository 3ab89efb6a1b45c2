"""The previews of the studio: a document set anew after each edit, a form looked at after each edit."""

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

from app import create_app
from app.documents import service as documents
from app.kernel.settings import ROOT
from app.studio import form_preview, form_uses, paper_samples, paper_values

CODES = ("JD-01", "LA-06", "DC-01")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=30, help="edits of each (30)")


def figures(rounds: int = 30) -> dict[str, float | int]:
    """Milliseconds a preview takes on the server, processor time and wall time, medians and the slowest."""
    application = create_app(
        {"TESTING": True, "SQLALCHEMY_DATABASE_URI": "postgresql+psycopg://nobody@localhost/none"}
    )
    parts = _parts()
    found: dict[str, float | int] = {}
    with application.app_context():
        values = paper_values.of_draft(parts)
        for code in CODES:
            text, sample = documents.writing.shipped(code) or "", paper_samples.of_draft(parts, code)

            def set_anew(turn: int, text: str = text, sample: dict[str, Any] = sample) -> int:
                trial = documents.writing.trial(f"{text}  - p: 第 {turn} 次修改\n", sample, values)
                return sum(map(len, documents.writing.trial_pages(trial.data or {})))

            found |= _timed(f"{code} pages", rounds, set_anew)
        text = parts["forms/penalty_report.json"]

        def look(turn: int) -> int:
            edited = text.replace("调查终结报告", f"调查终结报告{turn}", 1)
            form_uses.of_form(parts, "penalty_report")
            return len(form_preview.look(parts, "penalty_report", edited).html or "")

        found |= _timed("form penalty_report", rounds, look)
    return found


def _parts() -> dict[str, str]:
    folder = ROOT / "bpmn" / "penalty" / "ordinary"
    parts = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    return parts | {f"forms/{p.name}": p.read_text(encoding="utf-8") for p in (ROOT / "forms").glob("*.json")}


def _timed(name: str, rounds: int, act: Callable[[int], int]) -> dict[str, float | int]:
    act(-1)
    walls, processor = [], time.process_time()
    size = 0
    for turn in range(rounds):
        begun = time.perf_counter()
        size = act(turn)
        walls.append((time.perf_counter() - begun) * 1000)
    cpu = (time.process_time() - processor) * 1000 / rounds
    return {
        f"{name} cpu": cpu,
        f"{name} median": statistics.median(walls),
        f"{name} slowest": max(walls),
        f"{name} bytes": size,
    }
