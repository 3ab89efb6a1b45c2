"""Every way to change something says what a repeated request does. A new route is not forgotten: it is missing here."""

from flask import Flask

from app.api import views as api

KEY = "the key's first answer is given again"
SAME = "it sets what is set already, or is refused: a repetition changes nothing more"
READS = "it changes nothing"
ANEW = "every request is meant: it is recorded each time"

REPEATED = {
    "api.carry_out": KEY,
    "api.claim": KEY,
    "api.confirm": KEY,
    "api.hand_in": KEY,
    "api.make_paper": KEY,
    "api.open_case": KEY,
    "api.prove": READS,
    "api.send_back": KEY,
    "api.upload": SAME,  # files are kept under their digest
    "archive.bind": SAME,  # one that waits is not asked for twice
    "archive.keep_longer": SAME,  # refused: the term in force is not shorter any more
    "archive.take": ANEW,  # each file handed out is on the record
    "cases.act_on_clock": KEY,
    "cases.create": KEY,
    "cases.decide_change": KEY,
    "cases.decide_recusal": KEY,
    "cases.follow": KEY,
    "cases.follow_decided": KEY,
    "cases.lift_recusal": KEY,
    "cases.look_for": READS,
    "cases.request_change": KEY,
    "cases.request_recusal": KEY,
    "guide.tour_seen": SAME,
    "inbox.act_on_all": KEY,  # each task by a key of its own, made from it
    "inbox.amend_evidence": KEY,
    "inbox.begin_upload": KEY,
    "inbox.carry_out": KEY,
    "inbox.claim": KEY,
    "inbox.complete_upload": SAME,
    "inbox.confirm": KEY,
    "inbox.default_filter": SAME,
    "inbox.draft": SAME,
    "inbox.drop_filter": SAME,
    "inbox.drop_upload": SAME,
    "inbox.hand_in": KEY,
    "inbox.hand_over": KEY,
    "inbox.keep_columns": SAME,
    "inbox.look_at_document": READS,
    "inbox.make_document": KEY,
    "inbox.keep_filter": SAME,  # one's own of that name is replaced
    "inbox.pick": READS,
    "inbox.prepare": SAME,
    "inbox.register_evidence": KEY,
    "inbox.search": READS,
    "inbox.set_allocation_rule": SAME,
    "inbox.set_thresholds": SAME,  # the page's version is no longer the newest
    "inbox.turn_switch": SAME,
    "inbox.settle_evidence": KEY,
    "inbox.sheets": READS,
    "inbox.print_papers": READS,
    "inbox.take_evidence": SAME,
    "inbox.upload_part": SAME,
    "intake.hand_in": SAME,  # the same file under way is not taken twice; taking it over twice changes nothing
    "intake.take": SAME,
    "items.begin_change": SAME,  # an item has one open version
    "items.begin_new": SAME,  # the code is taken
    "items.check_tiers": SAME,  # the draft is kept as it is typed
    "items.checked": SAME,
    "items.draft": SAME,
    "items.drop": SAME,
    "items.save": SAME,  # the revision has moved on
    "items.save_tiers": SAME,  # saved already: the page's version is no longer the newest
    "items.send": KEY,
    "law.close_task": SAME,  # what is closed is not closed again
    "notification.confirm_address": SAME,
    "notification.set_mail": SAME,
    "notification.subscribe": SAME,
    "notification.try_push": SAME,  # one message a minute
    "notification.unsubscribe": SAME,
    "notification.unsubscribe_here": SAME,
    "operations.drop": SAME,
    "operations.retry": SAME,
    "orders.again": SAME,  # the draft is there
    "orders.drop": SAME,  # it is gone
    "orders.make": ANEW,  # a draft more, which nobody has sent in
    "orders.save": SAME,  # the revision has moved on
    "orders.send": SAME,  # sent in already
    "orders.typed": SAME,
    "orders.typed_more": SAME,
    "people.add_certificate": SAME,
    "people.add_posting": SAME,
    "people.change_password_submit": SAME,
    "people.create_token": ANEW,  # its secret is shown once: the owner ends what was not seen
    "people.end_other_sessions": SAME,
    "people.enter_training": SAME,  # the same day and topic are refused
    "people.end_posting": SAME,
    "people.end_session": SAME,
    "people.end_substitution": SAME,
    "people.export_account_audit": ANEW,  # each file handed out is kept
    "people.import_roster": SAME,  # what is there already stays
    "people.import_training": SAME,
    "people.new_account_submit": SAME,
    "people.read_notices": SAME,
    "people.remove_training": SAME,
    "people.reset_password": ANEW,
    "people.restore_account": SAME,
    "people.restore_certificate": SAME,
    "people.revoke_certificate": SAME,
    "people.revoke_token": SAME,
    "people.set_substitution": SAME,  # the period is taken already
    "people.set_training_rule": SAME,  # the page's version is no longer the newest
    "people.sign_in_submit": ANEW,
    "people.sign_out": SAME,
    "people.suspend_account": SAME,
    "people.suspend_certificate": SAME,
    "people.unlock_account": SAME,
    "review.hearing_act": KEY,
    "review.hearing_plan": KEY,
    "review.hearing_record": SAME,
    "review.legal_change_remark": SAME,
    "review.legal_hand_in": KEY,
    "review.legal_remark": KEY,
    "review.legal_remove_remark": SAME,
    "review.meeting_act": KEY,
    "review.meeting_minutes": SAME,
    "review.meeting_plan": KEY,
    "scene.bring_draft": KEY,
    "scene.bring_item": KEY,
    "scene.make_document": KEY,
    "scene.papers": READS,
    "scene.use": SAME,
    "studio.act_trying": ANEW,  # a try is a thing of its own: nothing of it counts
    "studio.answer_comment": KEY,
    "studio.back_trying": SAME,
    "studio.begin_trying": SAME,
    "studio.check_rules": READS,
    "studio.check_runs": READS,
    "studio.check_tables": READS,
    "studio.comment": KEY,
    "studio.compare": READS,
    "studio.create": ANEW,  # a draft too many is discarded
    "studio.decide_move": SAME,
    "studio.discard": SAME,
    "studio.end_trying": SAME,
    "studio.form_delete": SAME,
    "studio.form_look": READS,
    "studio.form_new": SAME,
    "studio.form_rename": READS,
    "studio.form_surroundings": READS,
    "studio.go_on_trying": ANEW,
    "studio.name_version": SAME,
    "studio.open_run": SAME,
    "studio.paper_delete": SAME,
    "studio.paper_new": SAME,
    "studio.paper_pdf": READS,
    "studio.paper_surroundings": READS,
    "studio.paper_trial": READS,
    "studio.propose_move": KEY,
    "studio.prove": READS,
    "studio.receive_foreign": SAME,
    "studio.record_run": SAME,
    "studio.remove_run": SAME,
    "studio.restore_version": SAME,
    "studio.revert_move": KEY,
    "studio.save": SAME,
    "studio.save_run": SAME,
    "studio.send": KEY,
    "studio.settle_comment": SAME,
    "studio.table_skeleton": READS,
    "studio.take_in": ANEW,  # a draft too many is discarded
    "studio.take_up": SAME,
    "studio.take_version": SAME,
    "studio.try_table": READS,
    "studio.wait_trying": ANEW,
    "supervision.set_thresholds": SAME,  # the page's version is no longer the newest
}


def test_every_post_says_what_a_repetition_does(app: Flask):
    unsafe = {r.endpoint for r in app.url_map.iter_rules() if r.methods & {"POST", "PUT", "PATCH", "DELETE"}}
    assert sorted(unsafe) == sorted(REPEATED)


def test_the_acts_of_the_api_demand_a_key():
    told = {name[4:] for name, how in REPEATED.items() if how is KEY and name.startswith("api.")}
    reads = {name[4:] for name, how in REPEATED.items() if how is READS}
    acts = {op.endpoint for op in api.room.operations if op.method == "POST" and not op.upload} - reads
    keyed = {op.endpoint for op in api.room.operations if op.keyed}
    assert acts == keyed == told
