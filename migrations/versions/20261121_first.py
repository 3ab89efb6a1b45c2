"""The first release: every table of the rooms.

Revision: 9bd302a29890
After: 
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
revision = '9bd302a29890'
down_revision = None
branch_labels = None
depends_on = None

STORAGE = (
    'alter table "case" set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02)',
    'alter table "case" alter column state set storage external',
    "alter table work_item set (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02)",
    "alter table clock set (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02)",
    "alter table job set (autovacuum_vacuum_scale_factor = 0.01, fillfactor = 80)",
    "alter table document_series set (fillfactor = 50)",
)
"""Rows that are rewritten often leave room on their page; the engine's state is never compressed."""


def upgrade() -> None:
    op.create_table('act_done',
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('result', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_act_done'))
    )
    op.create_table('calendar_alert',
    sa.Column('year', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('first_raised_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_raised_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cleared_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('year', name=op.f('pk_calendar_alert'))
    )
    op.create_table('calendar_day',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('region', sa.Text(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_day')),
    sa.UniqueConstraint('date', 'region', name=op.f('uq_calendar_day_date_region'), postgresql_nulls_not_distinct=True)
    )
    op.create_table('calendar_edition',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('year', sa.BigInteger(), nullable=False),
    sa.Column('region', sa.Text(), nullable=True),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('difference', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('recomputed', sa.BigInteger(), nullable=False),
    sa.Column('by', sa.BigInteger(), nullable=True),
    sa.Column('by_name', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_edition'))
    )
    op.create_table('clock',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('agency_id', sa.BigInteger(), nullable=False),
    sa.Column('region_code', sa.Text(), nullable=False),
    sa.Column('work_item_id', sa.BigInteger(), nullable=True),
    sa.Column('task_id', sa.Text(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('basis', sa.Text(), nullable=False),
    sa.Column('side', sa.Text(), nullable=False),
    sa.Column('limit_text', sa.Text(), nullable=False),
    sa.Column('rule', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('provisional', sa.Boolean(), nullable=False),
    sa.Column('earliest_on', sa.Date(), nullable=False),
    sa.Column('latest_on', sa.Date(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('light', sa.Text(), nullable=False),
    sa.Column('next_light_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('stopped_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('extended_by', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clock'))
    )
    op.create_index('ix_clock_case_id', 'clock', ['case_id'], unique=False)
    op.create_index('ix_clock_provisional', 'clock', ['id'], unique=False, postgresql_where=sa.text("provisional and state in ('running', 'paused')"))
    op.create_index('ix_clock_turning', 'clock', ['next_light_at', 'id'], unique=False, postgresql_where=sa.text('next_light_at is not null'))
    op.create_index('ix_clock_work_item_id', 'clock', ['work_item_id'], unique=False, postgresql_where=sa.text('work_item_id is not null'))
    op.create_index('uq_clock_open_key', 'clock', ['case_id', 'key'], unique=True, postgresql_where=sa.text("kind = 'statutory' and state in ('running', 'paused')"))
    op.create_index('uq_clock_open_task', 'clock', ['case_id', 'task_id'], unique=True, postgresql_where=sa.text("kind = 'position' and state in ('running', 'paused')"))
    op.create_table('document',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('agency_id', sa.BigInteger(), nullable=False),
    sa.Column('region_code', sa.String(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('type_char', sa.String(), nullable=False),
    sa.Column('year', sa.BigInteger(), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.String(), nullable=True),
    sa.Column('ident_code', sa.String(), nullable=False),
    sa.Column('template_digest', sa.String(), nullable=False),
    sa.Column('data', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('data_digest', sa.String(), nullable=False),
    sa.Column('pdf_digest', sa.String(), nullable=True),
    sa.Column('docx_digest', sa.String(), nullable=True),
    sa.Column('status', sa.Enum('issued', 'void', name='status', native_enum=False, length=8), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('issued_on', sa.Date(), nullable=False),
    sa.Column('issued_by', sa.BigInteger(), nullable=True),
    sa.Column('work_item_id', sa.BigInteger(), nullable=True),
    sa.Column('step', sa.String(), nullable=False),
    sa.Column('voided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('voided_by', sa.BigInteger(), nullable=True),
    sa.Column('void_reason', sa.String(), nullable=False),
    sa.CheckConstraint("status in ('issued', 'void')", name=op.f('ck_document_status')),
    sa.CheckConstraint('seq > 0', name=op.f('ck_document_seq')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_document')),
    sa.UniqueConstraint('agency_id', 'type_char', 'year', 'seq', name=op.f('uq_document_agency_id_type_char_year_seq')),
    sa.UniqueConstraint('ident_code', name=op.f('uq_document_ident_code'))
    )
    op.create_index('ix_document_case', 'document', ['case_id', 'id'], unique=False)
    op.create_index('ix_document_register', 'document', ['agency_id', 'code', 'year', 'seq'], unique=False)
    op.create_table('document_series',
    sa.Column('agency_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('type_char', sa.String(), nullable=False),
    sa.Column('year', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('last', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('agency_id', 'type_char', 'year', name=op.f('pk_document_series'))
    )
    op.create_table('fact',
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('value', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_fact'))
    )
    op.create_table('form_draft',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('scope', sa.String(length=120), nullable=False),
    sa.Column('answers', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_form_draft')),
    sa.UniqueConstraint('account_id', 'scope', name=op.f('uq_form_draft_account_id_scope'))
    )
    op.create_table('job',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('payload', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('key', sa.Text(), nullable=True),
    sa.Column('state', sa.Text(), server_default='queued', nullable=False),
    sa.Column('run_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('error', sa.Text(), server_default='', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job')),
    sa.UniqueConstraint('key', name=op.f('uq_job_key'))
    )
    op.create_index('ix_job_finished', 'job', ['finished_at'], unique=False, postgresql_where=sa.text('finished_at is not null'))
    op.create_index('ix_job_waiting', 'job', ['run_at', 'id'], unique=False, postgresql_where=sa.text("state in ('queued', 'leased')"))
    op.create_table('periodic_run',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('slot', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', 'slot', name=op.f('pk_periodic_run'))
    )
    op.create_table('position',
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('group_name', sa.String(length=40), nullable=False),
    sa.Column('duty', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_position')),
    sa.UniqueConstraint('name', name=op.f('uq_position_name'))
    )
    op.create_table('procedure_version',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('external', sa.LargeBinary(), nullable=False),
    sa.Column('internal', sa.LargeBinary(), nullable=False),
    sa.Column('rules', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('forms', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_procedure_version')),
    sa.UniqueConstraint('digest', name=op.f('uq_procedure_version_digest')),
    sa.UniqueConstraint('key', 'number', name=op.f('uq_procedure_version_key_number'))
    )
    op.create_index(op.f('ix_procedure_version_key_procedure_version_published_at'), 'procedure_version', ['key', 'published_at'], unique=False)
    op.create_table('record_entry',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('agency_id', sa.BigInteger(), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=True),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('content', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('digests', postgresql.ARRAY(sa.TEXT()), server_default='{}', nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_record_entry')),
    sa.UniqueConstraint('case_id', 'seq', name=op.f('uq_record_entry_case_id_seq'))
    )
    op.create_index('ix_record_entry_at', 'record_entry', ['at'], unique=False)
    op.create_table('region',
    sa.Column('code', sa.String(length=12), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('level', sa.String(length=10), nullable=False),
    sa.Column('parent_code', sa.String(length=12), nullable=True),
    sa.CheckConstraint("level in ('province', 'city', 'county', 'town')", name=op.f('ck_region_level')),
    sa.CheckConstraint('parent_code <> code', name=op.f('ck_region_not_own_parent')),
    sa.ForeignKeyConstraint(['parent_code'], ['region.code'], name=op.f('fk_region_parent_code')),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_region'))
    )
    op.create_index(op.f('ix_region_parent_code'), 'region', ['parent_code'], unique=False)
    op.create_table('agency',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('abbreviation', sa.String(length=20), nullable=False),
    sa.Column('region_code', sa.String(length=12), nullable=False),
    sa.Column('level', sa.String(length=10), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('uscc', sa.String(length=18), nullable=False),
    sa.Column('address', sa.String(length=200), nullable=False),
    sa.Column('phone', sa.String(length=40), nullable=False),
    sa.Column('review_organ', sa.String(length=120), nullable=False),
    sa.Column('court', sa.String(length=120), nullable=False),
    sa.Column('payment', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.CheckConstraint("level in ('province', 'city', 'county', 'town')", name=op.f('ck_agency_level')),
    sa.ForeignKeyConstraint(['region_code'], ['region.code'], name=op.f('fk_agency_region_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agency')),
    sa.UniqueConstraint('code', name=op.f('uq_agency_code')),
    sa.UniqueConstraint('uscc', name=op.f('uq_agency_uscc'))
    )
    op.create_index(op.f('ix_agency_region_code'), 'agency', ['region_code'], unique=False)
    op.create_table('due_change',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('clock_id', sa.BigInteger(), nullable=False),
    sa.Column('cause', sa.Text(), nullable=False),
    sa.Column('before_on', sa.Date(), nullable=False),
    sa.Column('after_on', sa.Date(), nullable=False),
    sa.Column('before_provisional', sa.Boolean(), nullable=False),
    sa.Column('after_provisional', sa.Boolean(), nullable=False),
    sa.Column('edition_id', sa.BigInteger(), nullable=True),
    sa.Column('by', sa.BigInteger(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clock_id'], ['clock.id'], name=op.f('fk_due_change_clock_id')),
    sa.ForeignKeyConstraint(['edition_id'], ['calendar_edition.id'], name=op.f('fk_due_change_edition_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_due_change'))
    )
    op.create_index(op.f('ix_due_change_clock_id'), 'due_change', ['clock_id'], unique=False)
    op.create_table('extension',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('clock_id', sa.BigInteger(), nullable=False),
    sa.Column('limit_text', sa.Text(), nullable=False),
    sa.Column('basis', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('approved_by', sa.BigInteger(), nullable=False),
    sa.Column('approved_by_name', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('capped', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['clock_id'], ['clock.id'], name=op.f('fk_extension_clock_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_extension'))
    )
    op.create_index(op.f('ix_extension_clock_id'), 'extension', ['clock_id'], unique=False)
    op.create_table('suspension',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('clock_id', sa.BigInteger(), nullable=False),
    sa.Column('cause', sa.Text(), nullable=False),
    sa.Column('basis', sa.Text(), nullable=False),
    sa.Column('proof_digest', sa.Text(), nullable=False),
    sa.Column('step', sa.Text(), nullable=False),
    sa.Column('from_day', sa.Date(), nullable=False),
    sa.Column('until_day', sa.Date(), nullable=True),
    sa.Column('by', sa.BigInteger(), nullable=True),
    sa.Column('by_name', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_by', sa.BigInteger(), nullable=True),
    sa.Column('ended_by_name', sa.Text(), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['clock_id'], ['clock.id'], name=op.f('fk_suspension_clock_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_suspension'))
    )
    op.create_index(op.f('ix_suspension_clock_id'), 'suspension', ['clock_id'], unique=False)
    op.create_table('officer',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('agency_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('pinyin', sa.String(length=120), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_officer_agency_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_officer')),
    sa.UniqueConstraint('id', 'agency_id', name=op.f('uq_officer_id_agency_id'))
    )
    op.create_index('ix_officer_agency_pinyin', 'officer', ['agency_id', 'pinyin'], unique=False)
    op.create_table('power_item',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('agency_id', sa.BigInteger(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('procedure', sa.String(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('basis', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('content', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_power_item_agency_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_power_item')),
    sa.UniqueConstraint('agency_id', 'code', name=op.f('uq_power_item_agency_id_code'))
    )
    op.create_index(op.f('ix_power_item_agency_id_power_item_status'), 'power_item', ['agency_id', 'status'], unique=False)
    op.create_table('account',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('login', sa.String(length=40), nullable=False),
    sa.Column('agency_id', sa.BigInteger(), nullable=False),
    sa.Column('officer_id', sa.BigInteger(), nullable=True),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('roles', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('must_change', sa.Boolean(), nullable=False),
    sa.Column('password_changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires', sa.Boolean(), nullable=False),
    sa.Column('failed_count', sa.SmallInteger(), nullable=False),
    sa.Column('last_failed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("cardinality(roles) > 0 and roles <@ array['officer'::text, 'supervisor'::text, 'analyst'::text, 'admin'::text]", name=op.f('ck_account_roles')),
    sa.CheckConstraint("login = lower(login) and login ~ '^[a-z][a-z0-9.-]{2,39}$'", name=op.f('ck_account_login')),
    sa.CheckConstraint("not (roles @> array['admin'::text] and roles && array['officer'::text, 'supervisor'::text]) and not (roles @> array['analyst'::text] and roles && array['officer'::text, 'admin'::text])", name=op.f('ck_account_separated_roles')),
    sa.CheckConstraint("not roles @> array['officer'::text] or officer_id is not null", name=op.f('ck_account_officer')),
    sa.CheckConstraint('failed_count >= 0', name=op.f('ck_account_failed_count')),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_account_agency_id')),
    sa.ForeignKeyConstraint(['officer_id', 'agency_id'], ['officer.id', 'officer.agency_id'], name=op.f('fk_account_officer_id_agency_id'), onupdate='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account')),
    sa.UniqueConstraint('login', name=op.f('uq_account_login')),
    sa.UniqueConstraint('officer_id', name=op.f('uq_account_officer_id'))
    )
    op.create_index('ix_account_agency_login', 'account', ['agency_id', 'login'], unique=False)
    op.create_table('case',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('no', sa.String(), nullable=False),
    sa.Column('agency_id', sa.BigInteger(), nullable=False),
    sa.Column('region_code', sa.String(), nullable=False),
    sa.Column('item_id', sa.BigInteger(), nullable=False),
    sa.Column('procedure_id', sa.BigInteger(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('cause', sa.String(), nullable=False),
    sa.Column('party', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('state', postgresql.BYTEA(), nullable=False),
    sa.Column('attributes', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('passed', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('held', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('next_due', sa.DateTime(timezone=True), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('opened_by', sa.BigInteger(), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('search', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_case_agency_id')),
    sa.ForeignKeyConstraint(['item_id'], ['power_item.id'], name=op.f('fk_case_item_id')),
    sa.ForeignKeyConstraint(['opened_by'], ['officer.id'], name=op.f('fk_case_opened_by')),
    sa.ForeignKeyConstraint(['procedure_id'], ['procedure_version.id'], name=op.f('fk_case_procedure_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case')),
    sa.UniqueConstraint('no', name=op.f('uq_case_no'))
    )
    op.create_index('ix_case_agency_open', 'case', ['agency_id', 'id'], unique=False)
    op.create_index('ix_case_next_due', 'case', ['next_due'], unique=False, postgresql_where=sa.text('next_due is not null'))
    op.create_index('ix_case_search', 'case', ['search'], unique=False, postgresql_using='gin')
    op.create_table('certificate',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('officer_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('number', sa.String(length=60), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('revoked_on', sa.Date(), nullable=True),
    sa.CheckConstraint("kind in ('enforcement', 'legal', 'hearing')", name=op.f('ck_certificate_kind')),
    sa.CheckConstraint('valid_to >= valid_from', name=op.f('ck_certificate_valid_period')),
    sa.ForeignKeyConstraint(['officer_id'], ['officer.id'], name=op.f('fk_certificate_officer_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_certificate')),
    sa.UniqueConstraint('kind', 'number', name=op.f('uq_certificate_kind_number'))
    )
    op.create_index(op.f('ix_certificate_officer_id'), 'certificate', ['officer_id'], unique=False)
    op.create_table('posting',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('officer_id', sa.BigInteger(), nullable=False),
    sa.Column('position_key', sa.String(length=40), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.CheckConstraint('valid_to >= valid_from', name=op.f('ck_posting_valid_period')),
    sa.ForeignKeyConstraint(['officer_id'], ['officer.id'], name=op.f('fk_posting_officer_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['position_key'], ['position.key'], name=op.f('fk_posting_position_key')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_posting')),
    sa.UniqueConstraint('officer_id', 'position_key', 'valid_from', name=op.f('uq_posting_officer_id_position_key_valid_from'))
    )
    op.create_index('ix_posting_position_officer', 'posting', ['position_key', 'officer_id'], unique=False)
    op.create_table('account_act',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('by_account_id', sa.BigInteger(), nullable=True),
    sa.Column('act', sa.String(length=40), nullable=False),
    sa.Column('detail', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_account_act_account_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['by_account_id'], ['account.id'], name=op.f('fk_account_act_by_account_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account_act'))
    )
    op.create_index('ix_account_act_account_at', 'account_act', ['account_id', 'at'], unique=False)
    op.create_table('case_handler',
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('officer_id', sa.BigInteger(), nullable=False),
    sa.Column('role', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_case_handler_case_id')),
    sa.ForeignKeyConstraint(['officer_id'], ['officer.id'], name=op.f('fk_case_handler_officer_id')),
    sa.PrimaryKeyConstraint('case_id', 'officer_id', name=op.f('pk_case_handler'))
    )
    op.create_table('former_password',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('replaced_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_former_password_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_former_password'))
    )
    op.create_index('ix_former_password_account_replaced', 'former_password', ['account_id', 'replaced_at'], unique=False)
    op.create_table('sign_in_attempt',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('login', sa.String(length=40), nullable=False),
    sa.Column('ip', sa.String(length=45), nullable=False),
    sa.Column('outcome', sa.String(length=20), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("outcome in ('ok', 'wrong', 'locked', 'throttled', 'inactive')", name=op.f('ck_sign_in_attempt_outcome')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_sign_in_attempt_account_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_attempt'))
    )
    op.create_index('ix_sign_in_attempt_account_at', 'sign_in_attempt', ['account_id', 'at'], unique=False)
    op.create_index('ix_sign_in_attempt_ip_at', 'sign_in_attempt', ['ip', 'at'], unique=False, postgresql_where=sa.text("outcome = 'wrong'"))
    op.create_index('ix_sign_in_attempt_login_at', 'sign_in_attempt', ['login', 'at'], unique=False)
    op.create_table('supervision_reminder',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('agency_id', sa.BigInteger(), nullable=False),
    sa.Column('region_code', sa.String(), nullable=False),
    sa.Column('action', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('content', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_supervision_reminder_agency_id')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_supervision_reminder_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supervision_reminder'))
    )
    op.create_index(op.f('ix_supervision_reminder_region_code_supervision_reminder_id'), 'supervision_reminder', ['region_code', 'id'], unique=False)
    op.create_table('web_session',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('token_digest', sa.LargeBinary(), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('csrf_token', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ip', sa.String(length=45), nullable=False),
    sa.Column('agent', sa.String(length=60), nullable=False),
    sa.CheckConstraint('octet_length(token_digest) = 32', name=op.f('ck_web_session_digest')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_web_session_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_web_session')),
    sa.UniqueConstraint('token_digest', name=op.f('uq_web_session_token_digest'))
    )
    op.create_index(op.f('ix_web_session_account_id'), 'web_session', ['account_id'], unique=False)
    op.create_index(op.f('ix_web_session_expires_at'), 'web_session', ['expires_at'], unique=False)
    op.create_table('work_item',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('agency_id', sa.BigInteger(), nullable=False),
    sa.Column('region_code', sa.String(), nullable=False),
    sa.Column('task_id', sa.String(), nullable=False),
    sa.Column('node', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('step', sa.String(), nullable=False),
    sa.Column('form', sa.String(), nullable=False),
    sa.Column('position_key', sa.String(), nullable=False),
    sa.Column('officers', sa.BigInteger(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('assignee_id', sa.BigInteger(), nullable=True),
    sa.Column('cosigner_id', sa.BigInteger(), nullable=True),
    sa.Column('pending', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_by', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_work_item_agency_id')),
    sa.ForeignKeyConstraint(['assignee_id'], ['officer.id'], name=op.f('fk_work_item_assignee_id')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_work_item_case_id')),
    sa.ForeignKeyConstraint(['cosigner_id'], ['officer.id'], name=op.f('fk_work_item_cosigner_id')),
    sa.ForeignKeyConstraint(['done_by'], ['officer.id'], name=op.f('fk_work_item_done_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_work_item')),
    sa.UniqueConstraint('case_id', 'task_id', name=op.f('uq_work_item_case_id_task_id'))
    )
    op.create_index('ix_work_item_case', 'work_item', ['case_id'], unique=False)
    op.create_index('ix_work_item_done', 'work_item', ['done_by', 'done_at', 'id'], unique=False, postgresql_where=sa.text("status = 'done'"))
    op.create_index('ix_work_item_mine', 'work_item', ['assignee_id', 'due_at', 'id'], unique=False, postgresql_where=sa.text("status in ('open', 'cosign')"))
    op.create_index('ix_work_item_pool', 'work_item', ['agency_id', 'position_key', 'due_at', 'id'], unique=False, postgresql_where=sa.text("status = 'open' and assignee_id is null"))
    op.create_table('submission',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('agency_id', sa.BigInteger(), nullable=False),
    sa.Column('work_item_id', sa.BigInteger(), nullable=False),
    sa.Column('node', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('step', sa.String(), nullable=False),
    sa.Column('form', sa.String(), nullable=False),
    sa.Column('data', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('opinion', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by_id', sa.BigInteger(), nullable=False),
    sa.Column('with_ids', postgresql.ARRAY(sa.BigInteger()), nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_submission_agency_id')),
    sa.ForeignKeyConstraint(['by_id'], ['officer.id'], name=op.f('fk_submission_by_id')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_submission_case_id')),
    sa.ForeignKeyConstraint(['work_item_id'], ['work_item.id'], name=op.f('fk_submission_work_item_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_submission'))
    )
    op.create_index('ix_submission_case', 'submission', ['case_id', 'id'], unique=False)
    for statement in STORAGE:
        op.execute(statement)


def downgrade() -> None:
    op.drop_index('ix_submission_case', table_name='submission')
    op.drop_table('submission')
    op.drop_index('ix_work_item_pool', table_name='work_item', postgresql_where=sa.text("status = 'open' and assignee_id is null"))
    op.drop_index('ix_work_item_mine', table_name='work_item', postgresql_where=sa.text("status in ('open', 'cosign')"))
    op.drop_index('ix_work_item_done', table_name='work_item', postgresql_where=sa.text("status = 'done'"))
    op.drop_index('ix_work_item_case', table_name='work_item')
    op.drop_table('work_item')
    op.drop_index(op.f('ix_web_session_expires_at'), table_name='web_session')
    op.drop_index(op.f('ix_web_session_account_id'), table_name='web_session')
    op.drop_table('web_session')
    op.drop_index(op.f('ix_supervision_reminder_region_code_supervision_reminder_id'), table_name='supervision_reminder')
    op.drop_table('supervision_reminder')
    op.drop_index('ix_sign_in_attempt_login_at', table_name='sign_in_attempt')
    op.drop_index('ix_sign_in_attempt_ip_at', table_name='sign_in_attempt', postgresql_where=sa.text("outcome = 'wrong'"))
    op.drop_index('ix_sign_in_attempt_account_at', table_name='sign_in_attempt')
    op.drop_table('sign_in_attempt')
    op.drop_index('ix_former_password_account_replaced', table_name='former_password')
    op.drop_table('former_password')
    op.drop_table('case_handler')
    op.drop_index('ix_account_act_account_at', table_name='account_act')
    op.drop_table('account_act')
    op.drop_index('ix_posting_position_officer', table_name='posting')
    op.drop_table('posting')
    op.drop_index(op.f('ix_certificate_officer_id'), table_name='certificate')
    op.drop_table('certificate')
    op.drop_index('ix_case_search', table_name='case', postgresql_using='gin')
    op.drop_index('ix_case_next_due', table_name='case', postgresql_where=sa.text('next_due is not null'))
    op.drop_index('ix_case_agency_open', table_name='case')
    op.drop_table('case')
    op.drop_index('ix_account_agency_login', table_name='account')
    op.drop_table('account')
    op.drop_index(op.f('ix_power_item_agency_id_power_item_status'), table_name='power_item')
    op.drop_table('power_item')
    op.drop_index('ix_officer_agency_pinyin', table_name='officer')
    op.drop_table('officer')
    op.drop_index(op.f('ix_suspension_clock_id'), table_name='suspension')
    op.drop_table('suspension')
    op.drop_index(op.f('ix_extension_clock_id'), table_name='extension')
    op.drop_table('extension')
    op.drop_index(op.f('ix_due_change_clock_id'), table_name='due_change')
    op.drop_table('due_change')
    op.drop_index(op.f('ix_agency_region_code'), table_name='agency')
    op.drop_table('agency')
    op.drop_index(op.f('ix_region_parent_code'), table_name='region')
    op.drop_table('region')
    op.drop_index('ix_record_entry_at', table_name='record_entry')
    op.drop_table('record_entry')
    op.drop_index(op.f('ix_procedure_version_key_procedure_version_published_at'), table_name='procedure_version')
    op.drop_table('procedure_version')
    op.drop_table('position')
    op.drop_table('periodic_run')
    op.drop_index('ix_job_waiting', table_name='job', postgresql_where=sa.text("state in ('queued', 'leased')"))
    op.drop_index('ix_job_finished', table_name='job', postgresql_where=sa.text('finished_at is not null'))
    op.drop_table('job')
    op.drop_table('form_draft')
    op.drop_table('fact')
    op.drop_table('document_series')
    op.drop_index('ix_document_register', table_name='document')
    op.drop_index('ix_document_case', table_name='document')
    op.drop_table('document')
    op.drop_index('uq_clock_open_task', table_name='clock', postgresql_where=sa.text("kind = 'position' and state in ('running', 'paused')"))
    op.drop_index('uq_clock_open_key', table_name='clock', postgresql_where=sa.text("kind = 'statutory' and state in ('running', 'paused')"))
    op.drop_index('ix_clock_work_item_id', table_name='clock', postgresql_where=sa.text('work_item_id is not null'))
    op.drop_index('ix_clock_turning', table_name='clock', postgresql_where=sa.text('next_light_at is not null'))
    op.drop_index('ix_clock_provisional', table_name='clock', postgresql_where=sa.text("provisional and state in ('running', 'paused')"))
    op.drop_index('ix_clock_case_id', table_name='clock')
    op.drop_table('clock')
    op.drop_table('calendar_edition')
    op.drop_table('calendar_day')
    op.drop_table('calendar_alert')
    op.drop_table('act_done')
