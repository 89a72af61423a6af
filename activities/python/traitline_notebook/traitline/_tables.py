"""Reads tables from the warehouse, which a notebook may read and never write."""

from __future__ import annotations

import pandas as pd

from ._context import Context, context
from ._errors import TraitlineError


def table(name: str) -> pd.DataFrame:
    """All rows of an input, by the name that the project gave it."""
    run = context()
    if name not in run.relations:
        known = ", ".join(sorted(run.relations)) or "none"
        raise TraitlineError(
            f"{name} is not among the notebook's inputs ({known}). Add it to `inputs` where the notebook is defined."
        )
    schema, relation = run.relations[name]
    quoted = ".".join('"' + part.replace('"', '""') + '"' for part in (schema, relation))
    keys = run.partitions.get(name)
    if keys is None:
        return _readers[run.dialect](run, f"select * from {quoted}", None)
    return _readers[run.dialect](run, f"select * from {quoted} where traitline_partition {_among[run.dialect]}", keys)


def _read_duckdb(run: Context, query: str, keys: list[str] | None) -> pd.DataFrame:
    import duckdb

    with duckdb.connect(run.warehouse, read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        return connection.execute(query, None if keys is None else [keys]).df()


def _read_postgres(run: Context, query: str, keys: list[str] | None) -> pd.DataFrame:
    import psycopg2
    from psycopg2.extensions import new_type, register_type

    connection = psycopg2.connect(run.warehouse, connect_timeout=10)
    try:
        connection.set_session(readonly=True)
        numeric = 1700
        register_type(
            new_type((numeric,), "float", lambda text, _: None if text is None else float(text)), connection
        )
        with connection.cursor() as cursor:
            cursor.execute("set time zone 'UTC'")
            cursor.execute(query, None if keys is None else (keys,))
            columns = [(each.name, each.type_code) for each in cursor.description]
            frame = pd.DataFrame(cursor.fetchall(), columns=[name for name, _ in columns])
    finally:
        connection.close()
    for name, type_code in columns:
        if type_code in _postgres_times:
            frame[name] = pd.to_datetime(frame[name], utc=_postgres_times[type_code])
    return frame


_postgres_times = {1082: False, 1114: False, 1184: True}
"""Type codes of date, timestamp and timestamp with time zone, and whether they have a zone."""

_among = {"duckdb": "in (select unnest(?::varchar[]))", "postgres": "= any(%s)"}
"""How each takes a list of keys as one parameter."""

_readers = {"duckdb": _read_duckdb, "postgres": _read_postgres}
