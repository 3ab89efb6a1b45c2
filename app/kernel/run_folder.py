"""The folder of what running processes share on this machine: XQ_HOME/run. Gone with a restart, missed by none."""

import os
import shutil
from pathlib import Path

METRICS = "PROMETHEUS_MULTIPROC_DIR"
"""Where `app.kernel.metrics` keeps its values; must be in the environment before that module is imported."""


def share_metrics(home: Path, *, fresh: bool = False) -> str:
    """Let this process and its children keep their metrics together; the folder. `fresh`: begin at nought."""
    folder = Path(os.environ.get(METRICS) or home / "run" / "metrics")
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.environ[METRICS] = str(folder)
    return str(folder)
