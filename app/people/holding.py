"""The positions a person holds on a day, as the questions ask that find who is behind a request: the own ones, and those
of the officers the person stands in for. `register` says the same of everybody, from what it keeps."""

HELD = """
(select coalesce(array_agg(distinct held.key), '{{}}') from (
    select p.position_key as key from posting p where p.officer_id = {officer}
        and p.valid_from <= {today} and (p.valid_to is null or p.valid_to >= {today})
    union all
    select p.position_key from substitution s
        join officer absent on absent.id = s.officer_id and absent.active
        join posting p on p.officer_id = s.officer_id
            and p.valid_from <= {today} and (p.valid_to is null or p.valid_to >= {today})
    where s.substitute_id = {officer} and s.valid_from <= {today} and s.valid_to >= {today}
        and (s.ended_on is null or s.ended_on > {today})
        and (s.positions = '{{}}' or p.position_key = any(s.positions))
) held)
"""
"""To be formatted with the officer's column and the day's parameter."""
