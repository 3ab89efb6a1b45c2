"""By what the house approves its own procedures (`data/publication.yaml`)."""

from pathlib import Path
from typing import Any

import yaml

REGISTER: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "data" / "publication.yaml").read_text(encoding="utf-8")
)
