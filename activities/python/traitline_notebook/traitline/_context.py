"""What Traitline tells a notebook about its run: a file of the run's folder, named in the environment."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache

from ._errors import TraitlineError


@dataclass(frozen=True)
class Column:
    name: str
    type: str


@dataclass(frozen=True)
class Partition:
    key: str
    """Of its time dimension, aware datetimes in UTC: from start up to and without end. None if it has none."""
    start: datetime | None
    end: datetime | None
    dimensions: dict[str, "Partition"]


@dataclass(frozen=True)
class Context:
    dialect: str
    """Where the warehouse is: a file for DuckDB, a URL for Postgres."""
    warehouse: str
    relations: dict[str, tuple[str, str]]
    """Of inputs that have partitions, the keys of those that are read."""
    partitions: dict[str, list[str]]
    partition: Partition | None
    as_of: datetime
    time_zone: str
    parameters: dict
    resources: dict
    key: Column
    columns: tuple[Column, ...]
    output_file: str
    metrics_file: str

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(self.relations)


@lru_cache(maxsize=1)
def context() -> Context:
    path = os.environ.get("TRAITLINE_NOTEBOOK_CONTEXT")
    if path is None:
        raise TraitlineError(
            "This notebook does not run under Traitline, so there are no inputs and no place for its output. "
            "Run it with: traitline materialize notebook/<name>"
        )
    with open(path, encoding="utf-8") as file:
        given = json.load(file)
    return Context(
        dialect=given["dialect"],
        # Not in the file, since it may hold a password.
        warehouse=os.environ["TRAITLINE_NOTEBOOK_WAREHOUSE"],
        relations={name: (each["schema"], each["name"]) for name, each in given["inputs"].items()},
        partitions={
            name: each["partitions"] for name, each in given["inputs"].items() if each.get("partitions") is not None
        },
        partition=_partition(given.get("partition")),
        as_of=_time(given["asOf"]),
        time_zone=given["timeZone"],
        parameters=given["parameters"],
        resources=json.loads(os.environ.get("TRAITLINE_NOTEBOOK_RESOURCES", "{}")),
        key=Column(given["key"]["name"], given["key"]["type"]),
        columns=tuple(Column(each["name"], each["type"]) for each in given["columns"]),
        output_file=given["outputFile"],
        metrics_file=given["metricsFile"],
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)


def _partition(given: dict | None) -> Partition | None:
    if given is None:
        return None
    window = given.get("window")
    return Partition(
        key=given["key"],
        start=_time(window["start"]) if window else None,
        end=_time(window["end"]) if window else None,
        dimensions={name: _partition(each) for name, each in given.get("dimensions", {}).items()},
    )
