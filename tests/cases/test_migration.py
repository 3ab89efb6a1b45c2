"""A running case on another version: nothing it has or has passed may be lost, no gate may be left behind."""

import dataclasses
from copy import deepcopy
from datetime import timedelta

import pytest
import yaml
from click.testing import CliRunner
from sqlalchemy import select

from app.audit import service as audit
from app.cases import acts, migration, stepping, timers
from app.cases.demo import Drive
from app.cases.models import Case, Done
from app.cases.publication import gate
from app.cli import xq
from app.diagrams import bundle as bundles
from app.diagrams import service as diagrams
from app.kernel import clock
from app.kernel.errors import Forbidden, Invalid, NotFound, Refused
from app.people import demo as people_demo

from .town import actor, flat, hand_in, plan_of, waiting

KEY = "migrated00000000"
REASON = "新版本修正了任务名称。"
REAL = flat("penalty/ordinary")
APPROVED = diagrams.approved(1, "枣司案〔2026〕1号")


def bundle(internal=None, rules=None, forms=None) -> bundles.Bundle:
    new = dataclasses.replace(
        REAL,
        internal=internal or REAL.internal,
        rules=rules or REAL.rules,
        forms=forms or REAL.forms,
    )
    return dataclasses.replace(new, digest=bundles.named(new))


def drawn(*changes: tuple[str, str]) -> bundles.Bundle:
    """The bundle with other words in its internal diagram."""
    text = REAL.internal.decode()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return bundle(internal=text.encode())


def ruled(change) -> bundles.Bundle:
    rules = deepcopy(dict(REAL.rules))
    change(rules)
    return bundle(rules=rules)


def publish(session, new, through=gate) -> int:
    return diagrams.publish(session, new, through, APPROVED).id


def migrate(session, case_id, version, login="hb-head", reason=REASON, key=KEY):
    return migration.migrate(session, actor(session, login), case_id, version, reason, key)


def refused(session, case, version) -> str:
    found = session.get_one(Case, case.case_id)
    before = (found.procedure_id, found.state, found.attributes, found.seal)
    with pytest.raises(Refused) as caught:
        migrate(session, case.case_id, version)
    assert caught.value.code == "migration"
    session.flush()
    assert (found.procedure_id, found.state, found.attributes, found.seal) == before
    return caught.value.message


RENAMED = drawn(('name="立卷归档"', 'name="整理归档"'), ('name="法制审核" xq', 'name="重大决定法制审核" xq'))


def test_a_case_goes_on_where_it_was_under_new_names(stage, desk):
    case = stage("stone-mill", until="legal_review")
    version = publish(desk, RENAMED)
    work = waiting(desk, case.case_id, "legal_review")
    was = work.version
    with clock.at(case.moment):
        result = migrate(desk, case.case_id, version)
        assert migrate(desk, case.case_id, version) == result, "the same request gets the same answer"
    assert "第 2 版" in result.message
    found = desk.get_one(Case, case.case_id)
    assert found.procedure_id == version
    assert (work.name, work.version) == ("重大决定法制审核", was + 1)
    entry = audit.of_case(desk, case.case_id)[-1]
    assert entry.kind == "case.migrated"
    assert (entry.content["from"], entry.content["to"]) == ("penalty/ordinary@1", "penalty/ordinary@2")
    assert entry.content["reason"] == REASON
    case.moment += timedelta(days=12)
    hand_in(case, "legal_review", "hb-legal")
    assert waiting(desk, case.case_id, "collective")


def test_timers_keep_their_due_moment(stage, desk):
    case = stage("idle-filter", until="party_response")
    found = desk.get_one(Case, case.case_id)
    due, state = found.next_due, found.state
    longer = bundle(rules={**REAL.rules, "name": "行政处罚普通程序（修订）"})
    migrate(desk, case.case_id, publish(desk, longer))
    assert (found.next_due, found.state) == (due, state)
    with clock.at(due):
        assert timers.fire_due(desk, due, 1000)
    assert stepping.open_work(desk, case.case_id)


def without_review(rules):
    rules["reviews"] = []


def thresholds_up(rules):
    rules["params"]["major_fine_organisation"] = {"value": 10**9}


def no_separation(rules):
    rules["separation"] = rules["separation"][:-1]


def no_complex(rules):
    rules["attributes"]["complex"] = {"type": "number", "default": 0, "label": "复杂"}


def backfilling(rules):
    rules["freeze_after"] = []


def unsaid(rules):
    rules["voids"] = {}


NEW = {
    "the live task is gone": (drawn(("legal_review", "legal_check")), "法制审核”在新版本中不存在"),
    "another position": (
        drawn(('xq:position="legal_review"', 'xq:position="case_review"')), "换了岗位"),
    "another form": (drawn(('xq:form="penalty_legal_review"', 'xq:form="penalty_pre_review"')), "表单"),
    "another step": (drawn(('xq:step="legal.review"', 'xq:step="legal.respond"')), "法定环节"),
    "fewer officers": (
        drawn(('xq:limit="5wd" xq:form="penalty_legal_review" xq:officers="1"',
               'xq:limit="5wd" xq:form="penalty_legal_review"')), "办理人数"),
    "a step passed is gone": (drawn(('xq:step="check"', 'xq:step="checked"')), "“check”在新版本中不存在"),
    "the review is no gate": (ruled(without_review), "缺少现有的闸门（reviews"),
    "no longer major": (ruled(thresholds_up), "不再是“重大执法决定”"),
    "persons less separated": (ruled(no_separation), "缺少现有的闸门（separation"),
    "an attribute of another type": (ruled(no_complex), "改变了它的类型"),
    "backfilling": (ruled(backfilling), "不得补录"),
    "nothing voided": (ruled(unsaid), "环节作废"),
    "a decision before the review": (
        drawn(('sourceRef="major_gw" targetRef="legal_call"', 'sourceRef="major_gw" targetRef="decide_merge"'),
              ('sourceRef="decide" targetRef="consistent_gw"', 'sourceRef="decide" targetRef="legal_call"'),
              ('sourceRef="legal_result_gw" targetRef="collective_merge"',
               'sourceRef="legal_result_gw" targetRef="consistent_gw"'),
              ('sourceRef="rectify_gw" targetRef="legal_merge"', 'sourceRef="rectify_gw" targetRef="legal_changed"')),
        "必须经过“decide”"),
}  # fmt: skip


@pytest.mark.parametrize("name", NEW)
def test_what_would_lose_something_is_refused(stage, desk, name):
    """Also for a version that came into the house past the gate of publication."""
    new, word = NEW[name]
    case = stage("stone-mill", until="legal_review")
    assert word in refused(desk, case, publish(desk, new, lambda *_: []))


def test_a_case_that_would_stand_behind_a_gate_is_refused(stage, desk):
    """The drawing that puts the correction where the review stood: same node, another meaning."""
    case = stage("stone-mill", until="legal_review")
    text = REAL.internal.decode()
    swapped = text.replace('id="legal_review"', 'id="x_x"').replace('id="rectify"', 'id="legal_review"')
    swapped = swapped.replace('id="x_x"', 'id="rectify"')
    for kind in ("sourceRef", "targetRef"):
        swapped = swapped.replace(f'{kind}="legal_review"', f'{kind}="x_x"').replace(
            f'{kind}="rectify"', f'{kind}="legal_review"'
        ).replace(f'{kind}="x_x"', f'{kind}="rectify"')  # fmt: skip
    version = publish(desk, bundle(internal=swapped.encode()), lambda *_: [])
    assert "法定环节" in refused(desk, case, version)


def test_who_may_migrate(stage, desk):
    case = stage("stone-mill", until="legal_review")
    version = publish(desk, RENAMED)
    for login in ("hb-officer1", "hb-legal", "sf-admin", "sf-analyst"):
        with pytest.raises(Forbidden):
            migrate(desk, case.case_id, version, login)
    with pytest.raises(NotFound):
        migrate(desk, case.case_id, version, "cg-head")
    with pytest.raises(Invalid):
        migrate(desk, case.case_id, version, reason="  ")
    assert desk.scalar(select(Done).where(Done.key == KEY)) is None


def test_a_task_that_waits_for_its_second_officer_holds_the_case(stage, desk):
    case = stage("dust-heap", until="check")
    hand_in(case, "check", "hb-officer1")
    assert "等待协办人员确认" in refused(desk, case, publish(desk, RENAMED))


def test_a_period_just_over_holds_the_case(stage, desk):
    case = stage("idle-filter", until="party_response")
    due = desk.get_one(Case, case.case_id).next_due
    with clock.at(due):
        timers.fire_due(desk, due, 1000)
    assert "补登" in refused(desk, case, publish(desk, RENAMED))


def test_a_finished_case_stays(stage, desk):
    case = stage("shop-front")
    with pytest.raises(Refused) as caught:
        migrate(desk, case.case_id, publish(desk, RENAMED), "szzf-head")
    assert "办结" in caught.value.message


def test_the_same_version_and_another_procedure_are_refused(stage, desk):
    case = stage("stone-mill", until="legal_review")
    assert "已经在" in refused(desk, case, desk.get_one(Case, case.case_id).procedure_id)
    own = {"key": "penalty/other", "scope": "penalty.ordinary"}
    rules = yaml.safe_load(yaml.safe_dump(dict(REAL.rules))) | own
    other = dataclasses.replace(REAL, key="penalty/other", rules=rules)
    digest = bundles.named(other)
    version = publish(desk, dataclasses.replace(other, digest=digest))
    assert "另一个流程" in refused(desk, case, version)


def test_the_command_shows_first_and_does_only_when_told(town):
    with town.act() as session:
        drive = Drive(session, plan_of("stone-mill"))
        drive.run("legal_review")
        no = session.get_one(Case, drive.case_id).no
        number = diagrams.publish(session, RENAMED, gate, APPROVED).number

    def run(*more, login="hb-head", password=None):
        line = ["case", "migrate", no, str(number), "--by", login, *more]
        return CliRunner().invoke(
            xq, line, obj=town.app.app_context, input=f"{password or people_demo.password()}\n"
        )

    shown = run()
    assert "重大决定法制审核" in shown.output
    assert "没有执行" in shown.output
    assert run("--do", "--reason", REASON, password="guess").exit_code == 1
    assert run("--do", "--reason", REASON, login="hb-officer1").exit_code == 1
    with town.read() as session:
        assert diagrams.procedure(session, session.get_one(Case, drive.case_id).procedure_id).number != number
    done = run("--do", "--reason", REASON)
    assert done.exit_code == 0, done.output
    with town.read() as session:
        assert diagrams.procedure(session, session.get_one(Case, drive.case_id).procedure_id).number == number


def test_claims_made_before_are_told_that_the_task_has_changed(stage, desk):
    case = stage("stone-mill", until="legal_review")
    work = waiting(desk, case.case_id, "legal_review")
    was = work.version
    migrate(desk, case.case_id, publish(desk, RENAMED))
    with pytest.raises(acts.Conflict):
        hand_in(case, "legal_review", "hb-legal", version=was)


def asking_more() -> bundles.Bundle:
    """The bundle with one more question at the legal review."""
    forms = deepcopy(dict(REAL.forms))
    forms["penalty_legal_review"]["items"].append({"type": "textarea", "key": "remark", "label": "补充说明"})
    return bundle(forms=forms)


def test_there_is_no_way_back_from_an_answer_the_old_version_does_not_know(stage, desk):
    """Moved, and moved back: lawful until something is handed in that only the new version asks for."""
    case = stage("stone-mill", until="legal_review")
    first = desk.get_one(Case, case.case_id).procedure_id
    version = publish(desk, asking_more())
    with clock.at(case.moment):
        migrate(desk, case.case_id, version)
        back = migrate(desk, case.case_id, first, key="back000000000000")
        assert back.outcome == "migrated"
        migrate(desk, case.case_id, version, key="again00000000000")
    case.moment += timedelta(days=12)
    hand_in(case, "legal_review", "hb-legal", remark="另见会议记录。")
    with clock.at(case.moment), pytest.raises(migration.NotMovable) as caught:
        migrate(desk, case.case_id, first, key="never00000000000")
    assert [reason for reason in caught.value.reasons if "已经填写的“补充说明”在新版本中不存在" in reason]


def test_a_question_nobody_answered_holds_nobody(stage, desk):
    case = stage("stone-mill", until="legal_review")
    first = desk.get_one(Case, case.case_id).procedure_id
    with clock.at(case.moment):
        migrate(desk, case.case_id, publish(desk, asking_more()))
    case.moment += timedelta(days=12)
    hand_in(case, "legal_review", "hb-legal")
    with clock.at(case.moment):
        assert migrate(desk, case.case_id, first, key="back000000000000").outcome == "migrated"
