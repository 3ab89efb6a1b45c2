"""Tables of the organisation (where, who, with which certificate) and of the way in (accounts, sessions)."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import editions
from app.kernel.auth import Role
from app.kernel.db import Base, identity
from app.kernel.sealed import SealedJson

from .rules import CertificateKind, RegionLevel, SignInOutcome
from .staff_models import RefusedAct as RefusedAct
from .staff_models import StaffNotice as StaffNotice
from .staff_models import Training as Training
from .staff_models import TrainingRule as TrainingRule


def _one_of(column: str, words: type[StrEnum]) -> str:
    return f"{column} in ({', '.join(repr(str(word)) for word in words)})"


class Region(Base):
    """行政区划. `code` is the GB/T 2260 code (6 digits) or, for towns, the 9-digit statistical code."""

    __tablename__ = "region"
    __table_args__ = (
        CheckConstraint(_one_of("level", RegionLevel), name="level"),
        CheckConstraint("parent_code <> code", name="not_own_parent"),
    )

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    level: Mapped[str] = mapped_column(String(10))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"), index=True)


class Agency(Base):
    """执法机关. `review_organ` and `court` are named in the remedies clause of its decisions."""

    __tablename__ = "agency"
    __table_args__ = (CheckConstraint(_one_of("level", RegionLevel), name="level"),)

    id: Mapped[int] = identity()
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    abbreviation: Mapped[str] = mapped_column(String(20))
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"), index=True)
    level: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(40))
    uscc: Mapped[str] = mapped_column(String(18), unique=True)
    address: Mapped[str] = mapped_column(String(200), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    review_organ: Mapped[str] = mapped_column(String(120), default="")
    court: Mapped[str] = mapped_column(String(120), default="")
    payment: Mapped[dict] = mapped_column(default=dict)


class Position(Base):
    """岗位: a lane of the internal diagram. Positions of one `group_name` share a duty to be kept apart."""

    __tablename__ = "position"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    group_name: Mapped[str] = mapped_column(String(40))
    duty: Mapped[str] = mapped_column(String(200), default="")


class Officer(Base):
    """执法人员: a person of one agency. `pinyin` is the sort key of every list of names."""

    __tablename__ = "officer"
    __table_args__ = (
        UniqueConstraint("id", "agency_id"),  # target of the account's composite key
        Index("ix_officer_agency_pinyin", "agency_id", "pinyin"),
    )

    id: Mapped[int] = identity()
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    name: Mapped[str] = mapped_column(String(60))
    pinyin: Mapped[str] = mapped_column(String(120))
    active: Mapped[bool] = mapped_column(default=True)


class Certificate(Base):
    """执法证 and the qualifications for supervision, legal review and hearings, with the days they hold. While it is
    suspended (暂扣, both days included, no last day: until further notice) it does not; once revoked, never again."""

    __tablename__ = "certificate"
    __table_args__ = (
        CheckConstraint(_one_of("kind", CertificateKind), name="kind"),
        CheckConstraint("valid_to >= valid_from", name="valid_period"),
        CheckConstraint("suspended_to is null or suspended_to >= suspended_from", name="suspended"),
        UniqueConstraint("kind", "number"),
    )

    id: Mapped[int] = identity()
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    number: Mapped[str] = mapped_column(String(60))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    revoked_on: Mapped[date | None]
    suspended_from: Mapped[date | None]
    suspended_to: Mapped[date | None]


class Posting(Base):
    """任职: an officer holds a position from one day to another, both included."""

    __tablename__ = "posting"
    __table_args__ = (
        CheckConstraint("valid_to >= valid_from", name="valid_period"),
        UniqueConstraint("officer_id", "position_key", "valid_from"),
        Index("ix_posting_position_officer", "position_key", "officer_id"),
    )

    id: Mapped[int] = identity()
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id", ondelete="CASCADE"))
    position_key: Mapped[str] = mapped_column(ForeignKey("position.key"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Substitution(Base):
    """代理: while an officer is away, a colleague holds some or all of the officer's positions too, from one day to
    another, both included. `positions` empty: all that the officer holds. Ended early, it does not count from
    `ended_on` on. Rows stay: who stood in for whom is part of what happened."""

    __tablename__ = "substitution"
    __table_args__ = (
        ForeignKeyConstraint(["officer_id", "agency_id"], ["officer.id", "officer.agency_id"]),
        ForeignKeyConstraint(["substitute_id", "agency_id"], ["officer.id", "officer.agency_id"]),
        CheckConstraint("officer_id <> substitute_id", name="not_oneself"),
        CheckConstraint("valid_to >= valid_from", name="valid_period"),
        CheckConstraint("(ended_on is null) = (ended_by is null)", name="ended"),
        Index("ix_substitution_substitute", "substitute_id", "valid_to"),
        Index("ix_substitution_officer", "officer_id", "valid_to"),
        Index("ix_substitution_agency", "agency_id", "id"),
    )

    id: Mapped[int] = identity()
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    officer_id: Mapped[int] = mapped_column(BigInteger)
    substitute_id: Mapped[int] = mapped_column(BigInteger)
    positions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    said: Mapped[dict] = mapped_column(SealedJson("substitution.said"))
    """Why it was set (`reason`) and why it ended early (`ended`)."""
    set_by: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    set_at: Mapped[datetime]
    ended_on: Mapped[date | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    ended_at: Mapped[datetime | None]


class Account(Base):
    """账号. One login, one person; the roles that must not meet in one account are refused here too.

    `expires` is false only for the openly documented accounts of the demonstration.
    """

    __tablename__ = "account"
    __table_args__ = (
        ForeignKeyConstraint(
            ["officer_id", "agency_id"], ["officer.id", "officer.agency_id"], onupdate="CASCADE"
        ),
        CheckConstraint("login = lower(login) and login ~ '^[a-z][a-z0-9.-]{2,39}$'", name="login"),
        CheckConstraint(
            "cardinality(roles) > 0 and roles <@ array[{}]".format(
                ", ".join(f"'{role}'::text" for role in Role)
            ),
            name="roles",
        ),
        CheckConstraint(
            "not (roles @> array['admin'::text] and roles && array['officer'::text, 'supervisor'::text])"
            " and not (roles @> array['analyst'::text] and roles && array['officer'::text, 'admin'::text])",
            name="separated_roles",
        ),
        CheckConstraint("not roles @> array['officer'::text] or officer_id is not null", name="officer"),
        CheckConstraint("failed_count >= 0", name="failed_count"),
        Index("ix_account_agency_login", "agency_id", "login"),
    )

    id: Mapped[int] = identity()
    login: Mapped[str] = mapped_column(String(40), unique=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    officer_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    name: Mapped[str] = mapped_column(String(60))
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    active: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str] = mapped_column(Text)
    must_change: Mapped[bool] = mapped_column(default=True)
    password_changed_at: Mapped[datetime]
    expires: Mapped[bool] = mapped_column(default=True)
    failed_count: Mapped[int] = mapped_column(SmallInteger, default=0)
    last_failed_at: Mapped[datetime | None]
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class FormerPassword(Base):
    """Hashes of passwords an account had before, so that the last few are not used again."""

    __tablename__ = "former_password"
    __table_args__ = (Index("ix_former_password_account_replaced", "account_id", "replaced_at"),)

    id: Mapped[int] = identity()
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    password_hash: Mapped[str] = mapped_column(Text)
    replaced_at: Mapped[datetime]


class WebSession(Base):
    """A signed-in browser. Only the SHA-256 of its token is stored: a copy of the table opens no session."""

    __tablename__ = "web_session"
    __table_args__ = (CheckConstraint("octet_length(token_digest) = 32", name="digest"),)

    id: Mapped[int] = identity()
    token_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    csrf_token: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ip: Mapped[str] = mapped_column(String(45), default="")
    agent: Mapped[str] = mapped_column(String(60), default="")


class AccessToken(Base):
    """A token of a program that acts for an account (API). Like a session's, it is stored as its SHA-256."""

    __tablename__ = "access_token"
    __table_args__ = (
        CheckConstraint("octet_length(token_digest) = 32", name="digest"),
        CheckConstraint("scope in ('read', 'act')", name="scope"),
        CheckConstraint("expires_at > created_at", name="valid_period"),
    )

    id: Mapped[int] = identity()
    token_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    scope: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    last_ip: Mapped[str] = mapped_column(String(45), default="")
    revoked_at: Mapped[datetime | None]


class SignInAttempt(Base):
    """Every attempt to sign in, also with a login that does not exist: the record, and what throttles."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        CheckConstraint(_one_of("outcome", SignInOutcome), name="outcome"),
        Index("ix_sign_in_attempt_login_at", "login", "at"),
        Index("ix_sign_in_attempt_ip_at", "ip", "at", postgresql_where=text("outcome = 'wrong'")),
        Index("ix_sign_in_attempt_token_ip_at", "ip", "at", postgresql_where=text("outcome = 'token'")),
        Index("ix_sign_in_attempt_account_at", "account_id", "at"),
    )

    id: Mapped[int] = identity()
    at: Mapped[datetime]
    login: Mapped[str] = mapped_column(String(40))
    ip: Mapped[str] = mapped_column(String(45))
    outcome: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))


class AccountAct(Base):
    """What was done to an account, by whom: created, suspended, password reset ... Never a secret."""

    __tablename__ = "account_act"
    __table_args__ = (Index("ix_account_act_account_at", "account_id", "at"),)

    id: Mapped[int] = identity()
    at: Mapped[datetime]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    by_account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    act: Mapped[str] = mapped_column(String(40))
    detail: Mapped[dict] = mapped_column(default=dict)


DIRECTORY = "people"
editions.watch(
    DIRECTORY, Region, Agency, Position, Officer, Certificate, Posting, Substitution, Training, TrainingRule
)
