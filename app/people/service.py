"""The door of the room: who acts, where, with which positions and certificates."""

from . import rostering
from .account_audit import install_doings
from .administration import enter_first_admin
from .at_once import install as install_take_away
from .bearer import actor_from_request, current_bearer
from .cards import AccountCard, AgencyCard, CertificateCard, CoverCard, OfficerCard, PostingCard
from .demo import load_demo
from .directory import (
    accounts_of,
    actor_of,
    agency,
    agency_id_of,
    barred,
    certificates_of,
    certified,
    certified_among,
    officer,
    officers,
    officers_at,
    position_names,
)
from .notices import heads_of, register_jobs, tell
from .notices import unread as unread_notices
from .refusals import install as install_refusals
from .rules import CERTIFICATE_NAMES, LIMITS, CertificateKind, SignInOutcome, agent_label
from .scope import Scope, administered, analysed, regions_above, scope, subtree
from .sessions import COOKIE, current_session, end_all, end_one, live_sessions
from .sign_in import PasswordChange, SignIn, change_password, sign_in, sign_out, sweep
from .stand_ins import AGENCY as STAND_IN_AGENCY
from .stand_ins import OTHER_AGENCY as OTHER_STAND_IN_AGENCY
from .stand_ins import StandIn, stand_ins
from .tokens import Bearer, TokenScope
from .training import register_jobs as register_training_jobs

__all__ = [
    "CERTIFICATE_NAMES",
    "COOKIE",
    "LIMITS",
    "OTHER_STAND_IN_AGENCY",
    "STAND_IN_AGENCY",
    "AccountCard",
    "AgencyCard",
    "Bearer",
    "CertificateCard",
    "CertificateKind",
    "CoverCard",
    "OfficerCard",
    "PasswordChange",
    "PostingCard",
    "Scope",
    "SignIn",
    "SignInOutcome",
    "StandIn",
    "TokenScope",
    "accounts_of",
    "actor_from_request",
    "actor_of",
    "administered",
    "agency",
    "agency_id_of",
    "agent_label",
    "analysed",
    "barred",
    "certificates_of",
    "certified",
    "certified_among",
    "change_password",
    "current_bearer",
    "current_session",
    "end_all",
    "end_one",
    "enter_first_admin",
    "heads_of",
    "install_doings",
    "install_refusals",
    "install_take_away",
    "live_sessions",
    "load_demo",
    "officer",
    "officers",
    "officers_at",
    "position_names",
    "regions_above",
    "register_jobs",
    "register_training_jobs",
    "rostering",
    "scope",
    "sign_in",
    "sign_out",
    "stand_ins",
    "subtree",
    "sweep",
    "tell",
    "unread_notices",
]
