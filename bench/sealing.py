"""Seals for cases that are made in bulk inside PostgreSQL: the layout of `app.cases.seals` once more, in SQL.

HMAC-SHA-256 is built from `sha256()`: sha256(outer || sha256(inner || bytes)), where `inner` and `outer` are the
key, padded with zeros to 64 bytes, xored with 0x36 and 0x5c. Only these two reach the database, as parameters of
one statement of a generator that runs on a database of its own.
"""

import psycopg

from app.cases.seals import LABEL
from app.kernel import sealing, settings

CANONICAL = """
create or replace function pg_temp.canonical(v jsonb) returns text language plpgsql immutable as $$
declare body text;
begin
  case coalesce(jsonb_typeof(v), 'null')
    when 'null' then return 'n0:';
    when 'boolean' then return case when v::boolean then 'b1:t' else 'b1:f' end;
    when 'number' then
      body := trim_scale((v #>> '{}')::numeric)::text;
      return 'd' || octet_length(body) || ':' || body;
    when 'string' then
      body := v #>> '{}';
      return 's' || octet_length(body) || ':' || body;
    when 'object' then
      select coalesce(string_agg('s' || octet_length(key) || ':' || key || pg_temp.canonical(value), ''
                                 order by key collate "C"), '') into body from jsonb_each(v);
      return 'o' || octet_length(body) || ':' || body;
    else
      select coalesce(string_agg(pg_temp.canonical(value), '' order by n), '') into body
        from jsonb_array_elements(v) with ordinality as a(value, n);
      return 'a' || octet_length(body) || ':' || body;
  end case;
end $$
"""
SEAL = """
update "case" c set seal = %(id)s::bytea || sha256(%(outer)s::bytea || sha256(%(inner)s::bytea || convert_to((
    select string_agg(octet_length(part) || ':' || part, '' order by n)
    from unnest(array[
        case when c.monitor is null then 'xingquan case 1' else 'xingquan case 2' end,
        c.id::text, c.agency_id::text, c.region_code, c.item_id::text, c.procedure_id::text, p.digest, c.status,
        c.record_seq::text, encode(c.record_digest, 'hex'), encode(sha256(c.state), 'hex'),
        pg_temp.canonical(c.attributes), pg_temp.canonical(c.passed), pg_temp.canonical(c.held),
        pg_temp.canonical(c.late), coalesce((extract(epoch from c.next_due) * 1000000)::bigint::text, ''),
        c.monitor
    ]) with ordinality as parts(part, n) where part is not null), 'UTF8')))
from procedure_version p where p.id = c.procedure_id and c.id = any(%(ids)s)
"""


def seal(connection: psycopg.Connection, ids: list[int], secret: str | None = None) -> int:
    """Seal the cases with these ids; how many there were."""
    key = sealing.key_of(secret or settings.secret_key(), LABEL)
    padded = key.ljust(64, b"\0")
    pads = {
        "inner": bytes(byte ^ 0x36 for byte in padded),
        "outer": bytes(byte ^ 0x5C for byte in padded),
    }
    connection.execute(CANONICAL)
    return connection.execute(SEAL, {"id": sealing.key_id(key), "ids": ids, **pads}).rowcount
