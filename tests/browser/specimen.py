"""The page frame with every component on it, served as an application of its own for the browser tests."""

from pathlib import Path

from flask import Blueprint, abort, flash, render_template

from app import create_app
from app.kernel import auth, navigation
from app.kernel.errors import Invalid, Refused

DIAGRAM = (Path(__file__).parent / "specimen.bpmn").read_text()

app = create_app()
room = Blueprint("specimen", __name__, template_folder="templates")


@room.get("/specimen")
def page():
    flash("已保存草稿。", "ok")
    return render_template("specimen.html", diagram=DIAGRAM)


@room.get("/specimen/list")
def rows():
    return render_template("specimen_list.html")


@room.get("/specimen/error/<int:status>")
def error(status: int):
    if status == 422:
        raise Invalid(errors={"facts": ["请填写违法事实。"], "fine": ["罚款金额应当是数字。"]})
    if status == 409:
        raise Refused(
            "该案属于重大执法决定，未经法制审核或者审核未通过的，不得作出决定。",
            article="行政处罚法第五十八条",
        )
    abort(status)


@room.post("/specimen/part")
def part():
    raise Invalid("罚款金额超过本案裁量档次的上限，请说明理由。")


app.register_blueprint(room)
app.extensions["xq.access"] |= {f"specimen.{name}": auth.PUBLIC for name in ("page", "rows", "error", "part")}
auth.install_loader(
    lambda: auth.Actor(
        account_id=1,
        officer_id=1,
        name="演示·甲",
        agency_id=1,
        agency_name="演示市市场监督管理局",
        region="999901",
        roles=frozenset({auth.Role.OFFICER}),
        positions=frozenset(),
    )
)
navigation.NAVIGATION = (
    navigation.Item("inbox", "工作台", "specimen.rows"),
    navigation.Item("cases", "案件", "specimen.page"),
    navigation.Item("open", "发起办件", "shell.home"),
)
