"""Column lineage of many queries in one process.

Reads one JSON object from stdin:

    {"dialect": "duckdb",
     "tables": {"raw.purchases": ["customer_id", "amount"]},
     "queries": [{"id": "model/shop/customers", "table": "dbt_shop.customers", "sql": "select ..."}]}

in topological order: what a query makes is known to those after it. Writes a line of JSON for each query as soon as
it is done, so that a time-out loses only what was still to come:

    {"id": ..., "columns": {"orders": [["raw.purchases", "amount", ["A"]]]}, "rows": [...], "warnings": [...]}
    {"id": ..., "opaque": "it is no duckdb that the parser knows (line 3)"}
"""

import json
import logging
import signal
import sys

from sqlglot.schema import MappingSchema

from query import Opaque, lineage

SECONDS_A_QUERY = 20


class TooLong(Exception):
    pass


def stop(_signal, _frame):
    raise TooLong()


def listed(dependencies):
    return [[table, column, sorted(kinds)] for (table, column), kinds in sorted(dependencies.items())]


def answer_of(query, dialect, schema):
    signal.alarm(SECONDS_A_QUERY)
    try:
        found = lineage(query["sql"], dialect, schema)
    except Opaque as reason:
        return {"id": query["id"], "opaque": str(reason)}
    except TooLong:
        return {"id": query["id"], "opaque": "it takes more than %d s to resolve" % SECONDS_A_QUERY}
    except Exception as error:  # a fault of the parser is no fault of the project
        return {"id": query["id"], "opaque": "the parser failed on it (%s)" % type(error).__name__}
    finally:
        signal.alarm(0)
    columns = {name: listed(dependencies) for name, dependencies in found.columns.items()}
    return {"id": query["id"], "columns": columns, "rows": listed(found.rows), "warnings": found.warnings}


def add_table(schema, name, columns, dialect):
    parts = name.split(".")
    # Quoted: a name is taken as it is, whatever stands in it.
    schema.add_table(
        ".".join('"%s"' % part.replace('"', '""') for part in parts),
        {column: "unknown" for column in columns},
        dialect=dialect,
        match_depth=False,
    )


def main():
    logging.disable(logging.CRITICAL)
    signal.signal(signal.SIGALRM, stop)
    asked = json.load(sys.stdin)
    dialect = asked["dialect"]
    schema = MappingSchema(dialect=dialect, normalize=True)
    for name, columns in asked["tables"].items():
        add_table(schema, name, columns, dialect)
    for query in asked["queries"]:
        answer = answer_of(query, dialect, schema)
        columns = [name for name in answer.get("columns", {}) if name != "*"]
        if columns and "*" not in answer["columns"] and query.get("table"):
            add_table(schema, query["table"], columns, dialect)
        sys.stdout.write(json.dumps(answer, separators=(",", ":")) + "\n")
        sys.stdout.flush()


main()
