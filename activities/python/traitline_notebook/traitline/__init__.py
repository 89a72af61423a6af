"""Reads a notebook's inputs from the warehouse, and hands its output back to Traitline.

A notebook that stands in a project as

    notebook('churn', {
      path: 'notebooks/churn.ipynb',
      of: customer,                              // entity with the key customer_id
      inputs: { purchases },
      output: { churn_propensity: 'number' },
      parameters: { horizon_days: 90 },
    })

is written like this:

    import traitline

    purchases = traitline.table("purchases")     # a pandas DataFrame, all rows
    now = traitline.as_of                        # "now" for the project, an aware datetime in UTC
    traitline.metric("auc", 0.81)                # recorded with the materialisation
    traitline.output(predictions)                # one row a customer: customer_id and churn_propensity

What there is:

    table(name)          DataFrame of an input. Dates and timestamps are datetime64, timestamps with a zone in UTC,
                         decimals floats. Rows come in no order that one may rely on: sort where it matters.
    inputs               Names that `table` knows.
    as_of                "Now": the project's asOf, or the moment at which the run began.
    time_zone            The project's IANA time zone, whose days are meant by "day".
    parameters           dict of the notebook's parameters. They are also variables of the cell tagged `parameters`.
    resource(name)       dict of a resource that the notebook declares, as it is in this environment. Not to be
                         printed: the notebook is kept with its outputs.
    partition            Of a notebook that is made in partitions, the one that it is run for: partition.key, and
                         partition.start and partition.end, aware datetimes in UTC; None otherwise. With several
                         dimensions partition.dimensions["country"].key.
    output(df)           Hands the result over, once: the entity's key, unique and never null, as a column or as the
                         index, and each declared column with values of its type. Nulls in declared columns are
                         allowed, and an empty text is one; infinite numbers and columns that were not declared are not.
    metric(name, value)  A number or a short text for the record; the last value of a name counts.

Errors raised here say what is wrong and how to mend it, and never show values of rows.
"""

from __future__ import annotations

from ._context import context as _context
from ._errors import TraitlineError
from ._metrics import metric
from ._output import output
from ._resources import resource
from ._tables import table

__all__ = [
    "TraitlineError",
    "as_of",
    "inputs",
    "metric",
    "output",
    "parameters",
    "partition",
    "resource",
    "table",
    "time_zone",
]


def __getattr__(name: str):
    """Values that only a run knows are looked up when they are asked for, so that the import itself always works."""
    if name in ("as_of", "inputs", "parameters", "partition", "time_zone"):
        return getattr(_context(), name)
    raise AttributeError(f"module 'traitline' has no attribute {name!r}")
