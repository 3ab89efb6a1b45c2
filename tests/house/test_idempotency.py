"""Every way to change something says what a repeated request does. A new route is not forgotten: it is missing here."""

from flask import Flask

from app.api import views as api

KEY = "the key's first answer is given again"
SAME = "it sets what is set already, or is refused: a repetition changes nothing more"
READS = "it changes nothing"
ANEW = "every request is meant: it is recorded each time"

REPEATED = {
    "api.claim": KEY,
    "api.confirm": KEY,
    "api.hand_in": KEY,
    "api.open_case": KEY,
    "api.prove": READS,
    "api.send_back": KEY,
    "api.upload": SAME,  # files are kept under their digest
    "archive.take": ANEW,  # each file handed out is on the record
    "cases.act_on_clock": KEY,
    "cases.create": KEY,
    "cases.look_for": READS,
    "inbox.claim": KEY,
    "inbox.confirm": KEY,
    "inbox.draft": SAME,
    "inbox.hand_in": KEY,
    "inbox.search": READS,
    "operations.drop": SAME,
    "operations.retry": SAME,
    "people.add_certificate": SAME,
    "people.add_posting": SAME,
    "people.change_password_submit": SAME,
    "people.create_token": ANEW,  # its secret is shown once: the owner ends what was not seen
    "people.end_other_sessions": SAME,
    "people.end_posting": SAME,
    "people.end_session": SAME,
    "people.new_account_submit": SAME,
    "people.reset_password": ANEW,
    "people.restore_account": SAME,
    "people.revoke_certificate": SAME,
    "people.revoke_token": SAME,
    "people.sign_in_submit": ANEW,
    "people.sign_out": SAME,
    "people.suspend_account": SAME,
    "people.unlock_account": SAME,
    "studio.check_rules": READS,
    "studio.check_tables": READS,
    "studio.create": ANEW,  # a draft too many is discarded
    "studio.discard": SAME,
    "studio.save": SAME,
    "studio.send": KEY,
    "studio.table_skeleton": READS,
    "studio.take_in": ANEW,  # a draft too many is discarded
    "studio.take_up": SAME,
    "studio.try_table": READS,
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
