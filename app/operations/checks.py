"""What an administrator must see at a glance: one line for each part of the installation."""

import shutil
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import clock, keys, migrations, settings

from . import service


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the page: colour (green, yellow, red), what was found, and what to do about it."""

    name: str
    colour: str
    words: str
    remedy: str = ""


def checks(session: Session, found: service.State) -> list[Check]:
    """Everything an administrator must see at a glance, what needs a hand first."""
    listed = [
        _database(session),
        _schema(session),
        _workers(found),
        _jobs(found),
        _sweeps(found),
        _keys(session),
        _backups(found.at),
        _disk(),
        _calendar(found),
    ]
    return sorted(listed, key=lambda check: ("red", "yellow", "green").index(check.colour))


def _database(session: Session) -> Check:
    began = time.perf_counter()
    version = session.scalar(text("show server_version"))
    taken = (time.perf_counter() - began) * 1000
    used, most = session.execute(
        text("select count(*), current_setting('max_connections')::int from pg_stat_activity")
    ).one()
    words = f"PostgreSQL {version}，响应 {taken:.0f} 毫秒，连接 {used} / {most}"
    full = used > most * 0.8
    return Check(
        "数据库",
        "yellow" if full else "green",
        words,
        "连接数接近上限：减少网页进程，或者加用 PgBouncer。" if full else "",
    )


def _schema(session: Session) -> Check:
    if migrations.applied(session.connection()) == migrations.heads():
        return Check("数据表", "green", "已是最新")
    return Check("数据表", "red", "有未执行的迁移", "运行 script/xq migrate。")


def _workers(found: service.State) -> Check:
    words = f"{found.processes} 个进程在运行，其中 {found.workers} 个处理后台任务"
    if found.workers:
        return Check("进程", "green", words)
    return Check(
        "进程", "red", words, "文书、时限和提醒都停在队列里：启动 script/xq worker，或者检查 XQ_WORKER 设置。"
    )


def _jobs(found: service.State) -> Check:
    waiting = f"等待 {found.jobs.waiting} 项，失败 {found.jobs.failed} 项"
    if found.jobs.failed:
        return Check("后台任务", "red", waiting, "在下面逐项处理：查明原因后重试，或者放弃。")
    if found.jobs.oldest and found.at - found.jobs.oldest > timedelta(minutes=10):
        minutes = int((found.at - found.jobs.oldest).total_seconds() // 60)
        return Check(
            "后台任务",
            "yellow",
            f"{waiting}，最早的已等 {minutes} 分钟",
            "增加后台任务进程：script/xq worker。",
        )
    return Check("后台任务", "green", waiting)


def _sweeps(found: service.State) -> Check:
    late = max(found.lags.values())
    words = f"到期计时器最长延误 {late:.0f} 秒"
    if late > 600:
        return Check("时限巡查", "red", words, "亮灯和到期动作没有按时发生：检查后台任务进程和日志。")
    return Check("时限巡查", "yellow" if late > 60 else "green", words)


def _keys(session: Session) -> Check:
    try:
        ring = keys.check(migrations.known_keys(session.connection()))
    except keys.KeysError as error:
        return Check("数据密钥", "red", "不可用", error.message)
    key = ring.sealing()
    old = key.since.year > 2000 and clock.now() - key.since > timedelta(days=400)
    words = f"共 {len(ring.keys)} 把，正在使用 {key.id} 号"
    return Check(
        "数据密钥",
        "yellow" if old else "green",
        words,
        "已用一年以上：script/xq keys rotate。" if old else "",
    )


def _backups(now: datetime) -> Check:
    found = service.backup()
    if found is None:
        return Check(
            "备份", "yellow", "没有设置备份位置", "正式运行前必须设置并演练恢复，见 docs/operations.md。"
        )
    said, last = found
    age = f"最近一次 {(now - last).total_seconds() / 3600:.0f} 小时前" if last else "还没有备份"
    words = {"ok": age, "stale": f"{age}，已经过期", "none": age, "unreadable": "备份位置读不出"}.get(
        said, said
    )
    return Check(
        "备份", "green" if said == "ok" else "red", words, "" if said == "ok" else "检查备份位置和日志。"
    )


def _disk() -> Check:
    usage = shutil.disk_usage(settings.home())
    free = usage.free / 2**30
    colour = "red" if free < 2 else "yellow" if free < 10 or usage.free < usage.total * 0.1 else "green"
    return Check(
        "磁盘", colour, f"数据目录剩余 {free:.0f} GiB", "" if colour == "green" else "清理或者扩充磁盘。"
    )


def _calendar(found: service.State) -> Check:
    if not found.calendar_missing:
        return Check("工作日历", "green", "所需年份的放假安排都已导入")
    years = "、".join(str(year) for year in found.calendar_missing)
    return Check(
        "工作日历", "yellow", f"缺少 {years} 年的放假安排", "通知发布后导入：script/xq calendar import。"
    )
