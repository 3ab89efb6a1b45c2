"""Pages of the administrator about certificates and training of a person."""

from typing import Any

from flask import request
from werkzeug.wrappers import Response

from app.kernel.errors import Invalid

from . import qualifications, rostering, schemas
from .admin_views import ADMIN, act, detail_page
from .room import room

CERTIFICATE = "/admin/accounts/<int:account_id>/certificates/<int:certificate_id>"


@room.post("/admin/accounts/<int:account_id>/certificates", access=ADMIN)
def add_certificate(account_id: int) -> Any:
    """Propose a certificate: the agency sends the order in, and the legal office confirms it."""
    try:
        new = schemas.read_certificate(request.form)
    except Invalid as error:
        return detail_page(account_id, error.errors), error.status
    return act(
        account_id,
        rostering.PROPOSED,
        lambda s, a: rostering.add_certificate(s, a, account_id, new),
        *request.form,  # the schema has refused what it does not name
    )


@room.post(f"{CERTIFICATE}/revoke", access=ADMIN)
def revoke_certificate(account_id: int, certificate_id: int) -> Response:
    """Revoke a certificate: open tasks that ask for it are taken away at once."""
    return act(
        account_id,
        "certificate_revoked",
        lambda s, a: qualifications.revoke_certificate(s, a, account_id, certificate_id),
    )


@room.post(f"{CERTIFICATE}/suspend", access=ADMIN)
def suspend_certificate(account_id: int, certificate_id: int) -> Any:
    """Withhold a certificate: open tasks that ask for it are taken away at once."""
    reason = request.form.get("reason", "")
    try:
        until = schemas.read_until(request.form)
        return act(
            account_id,
            "certificate_suspended",
            lambda s, a: qualifications.suspend_certificate(s, a, account_id, certificate_id, until, reason),
            "reason",
            "until",
        )
    except Invalid as error:
        if not error.errors:
            raise
        return detail_page(account_id, error.errors, certificate_id), error.status


@room.post(f"{CERTIFICATE}/restore", access=ADMIN)
def restore_certificate(account_id: int, certificate_id: int) -> Response:
    """Propose that a withheld certificate is given back."""
    return act(
        account_id,
        rostering.PROPOSED,
        lambda s, a: rostering.restore_certificate(s, a, account_id, certificate_id),
    )


@room.post("/admin/accounts/<int:account_id>/training", access=ADMIN)
def enter_training(account_id: int) -> Any:
    """Enter training."""
    try:
        new = schemas.read_training(request.form)
        return act(
            account_id,
            "training_entered",
            lambda s, a: qualifications.enter_training(s, a, account_id, new),
            *request.form,  # the schema has refused what it does not name
        )
    except Invalid as error:
        return detail_page(account_id, error.errors), error.status


@room.post("/admin/accounts/<int:account_id>/training/<int:training_id>/remove", access=ADMIN)
def remove_training(account_id: int, training_id: int) -> Any:
    """Take back training that was entered wrongly."""
    reason = request.form.get("training_reason", "")
    try:
        return act(
            account_id,
            "training_removed",
            lambda s, a: qualifications.remove_training(s, a, account_id, training_id, reason),
            "training_reason",
        )
    except Invalid as error:
        if not error.errors:
            raise
        return detail_page(account_id, error.errors), error.status
