"""The script engine SpiffWorkflow sees: it evaluates our conditions and does nothing else."""

from typing import Any, NoReturn

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.task import Task

from ..kernel.errors import Invalid
from . import expressions


class ConditionEngine(PythonScriptEngine):
    """Conditions read the case's routing attributes, never data carried by a token."""

    def validate(self, expression: str) -> None:
        expressions.parse(expression)

    def evaluate(self, task: Task, expression: str, external_context: Any = None) -> bool:
        return expressions.evaluate(expression, task.workflow.top_workflow.attributes)

    def execute(self, task: Task, script: str, external_context: Any = None) -> NoReturn:
        raise Invalid("流程图不能包含脚本任务，请改用已登记的服务任务。", code="script_task")

    def call_service(self, task: Task, **kwargs: Any) -> NoReturn:
        raise Invalid("服务任务由平台执行，流程引擎不直接调用。", code="service_call")


CONDITIONS = ConditionEngine()
"""Stateless, so one serves every case and thread."""
