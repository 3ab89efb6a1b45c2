"""`/metrics` for Prometheus and the page 系统运行状况 for administrators."""

import hmac

from flask import Response, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST

from app.kernel import metrics as values
from app.kernel.auth import PUBLIC, Role, current_actor, roles
from app.kernel.db import db
from app.kernel.transaction import transaction
from app.kernel.web import Room, only_fields

from . import checks, gauges, permissions, service

room = Room("operations", __name__)
ADMIN = roles(Role.ADMIN)
OVERSEERS = roles(Role.ADMIN, Role.SUPERVISOR)
ROLE_NAMES = (
    (Role.OFFICER, "执法工作人员"),
    (Role.SUPERVISOR, "执法监督人员"),
    (Role.ANALYST, "流程配置人员"),
    (Role.ADMIN, "系统管理员"),
)
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via")
KIND_NAMES = {
    "documents.render": "生成文书文件",
    "documents.ofd": "生成文书的OFD文件",
    "archive.bind": "装订电子案卷",
    "periodic:archive.retention": "登记案卷保管期限",
    "cases.move": "批量迁移在办案件",
    "cases.move_check": "核对批量迁移",
    "cases.sight": "汇总运行分析",
    "periodic:cases.sight_forget": "清理运行分析",
    "items.answer": "送达事项审核回复",
    "catalogue.check_import": "核对导入的权力事项",
    "catalogue.take_import": "导入权力事项",
    "periodic:people.certificates": "提醒到期的执法证件",
    "periodic:supervision.foresight": "事项预警亮灯",
    "periodic:people.training": "提醒未达标的年度培训",
    "keys.reseal": "重新加密数据",
    "keys.reseal_files": "重新加密文件",
    "periodic:jobs.prune": "清理已完成的任务",
    "periodic:deadlines.calendar_alert": "检查工作日历",
    "deadlines.recompute": "按新日历重算期限",
    "audit.anchor_file": "写出锚定文件",
    "periodic:audit.anchor": "每日锚定留痕",
    "periodic:backup.schedule": "按计划备份",
    "cases.put_back": "退回无法办理的待办",
    "periodic:cases.lapses": "查找无法办理的待办",
    "cases.read_texts": "读取意见和文书供全文检索",
    "periodic:cases.texts": "查找未读取的意见和文书",
    "periodic:forms.uploads": "清理未完成的上传",
    "notification.push": "推送提醒",
    "periodic:notification.look": "查找应推送的提醒",
    "notification.mail": "发送邮件",
    "notification.code": "发送验证码",
    "periodic:notification.digest": "安排待办摘要邮件",
}
"""Kinds of jobs in words; others are shown by their own name."""
LOOPBACK = ("127.0.0.1", "::1")


@room.get("/metrics", access=PUBLIC)
def metrics() -> Response:
    """All metrics, for whoever holds XQ_METRICS_TOKEN; without a token, for this very machine only.

    What a proxy passes on is never "this machine", whether or not the proxy was declared. Others find nothing.
    """
    if not _may_read():
        abort(404)
    return Response(values.exposition(gauges.StateCollector()), content_type=CONTENT_TYPE_LATEST)


def _may_read() -> bool:
    token: str = current_app.config["METRICS_TOKEN"]
    if token:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())
    # behind declared proxies remote_addr is what they say: then the peer itself is asked for
    peer = request.environ.get("werkzeug.proxy_fix.orig", {}).get("REMOTE_ADDR", request.remote_addr)
    return peer in LOOPBACK and not any(name in request.headers for name in FORWARDED)


@room.get("/admin/permissions", access=OVERSEERS)
def permission_matrix() -> str:
    """Which accounts may call what: the declarations of all routes, and who is responsible for each part."""
    return render_template(
        "operations/permissions.html", parts=permissions.matrix(current_app), roles=ROLE_NAMES
    )


@room.get("/admin/health", access=ADMIN)
def health() -> str:
    """How everything does, and the jobs somebody must look at."""
    session = db.session()
    found = service.state(session)
    return render_template(
        "operations/health.html",
        at=found.at,
        checks=checks.checks(session, found),
        processes=service.processes(session),
        works=lambda beat: service.works(beat, found.at),
        kind_names=KIND_NAMES,
        failed=service.failed_jobs(session, current_actor()),
        kinds=sorted(found.kinds.items()),
        lights=found.lights,
        decisions=service.decisions(session),
        slow=service.slow(session),
        resealing=service.reseal_pending(session),
        done=request.args.get("done", ""),
    )


@room.post("/admin/jobs/<int:job_id>/retry", access=ADMIN)
def retry(job_id: int) -> ResponseReturnValue:
    """Try a failed job again."""
    return _decide(job_id, True)


@room.post("/admin/jobs/<int:job_id>/drop", access=ADMIN)
def drop(job_id: int) -> ResponseReturnValue:
    """Leave a failed job for good."""
    return _decide(job_id, False)


def _decide(job_id: int, again: bool) -> ResponseReturnValue:
    only_fields()
    with transaction() as session:
        service.decide(session, current_actor(), job_id, again)
    return redirect(url_for("operations.health", done="retried" if again else "dropped"), 303)
