"""Proofs for programs: the studio and other editors ask what stands in a procedure's way while it is drawn."""

from collections.abc import Mapping
from typing import Any

from app.cases import service as cases
from app.kernel.auth import Role, roles
from app.kernel.errors import Invalid

from . import answers, requests
from .room import room

ANALYST = roles(Role.ANALYST)


@room.operation(
    "POST", "/proofs", access=ANALYST, summary="证明流程合法：阻断问题、反例路径、时限余量；不保存任何内容", tag="流程",
    body=requests.Prove, answer=answers.Proof, errors=(413, 415),
)  # fmt: skip
def prove(body: Mapping[str, Any]) -> dict[str, Any]:
    """Prove a draft. Nothing is kept, nothing is published."""
    if not all(isinstance(text, str) for text in body["tables"].values()):
        raise Invalid("tables 应当是决策表名称 → DMN 文本。", code="invalid", field="tables")
    if not all(isinstance(text, str) for text in body["called"].values()):
        raise Invalid("called 应当是被调用流程的编号 → BPMN 文本。", code="invalid", field="called")
    return cases.proof_of_draft(
        body["internal"].encode(),
        body["external"].encode() if body["external"] else None,
        body["rules"],
        body["forms"],
        body["tables"],
        body["called"],
    )
