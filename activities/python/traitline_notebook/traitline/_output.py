"""Checks a notebook's result against its declaration and writes it for Traitline to load."""

from __future__ import annotations

import os

import pandas as pd

from ._context import Column, context
from ._errors import TraitlineError
from ._values import fields_of, quoted


def output(df: pd.DataFrame) -> None:
    """Hands the result over: one row for each value of the entity's key. See the module's own words."""
    run = context()
    declared = (run.key, *run.columns)
    frame = _with_key_as_column(df, run.key)
    _check_columns(frame, run.key, declared)
    _check_key(frame[run.key.name], run.key)
    columns = [fields_of(frame[column.name], column) for column in declared]

    # Whole or not at all: a kernel that dies here leaves no half of a file behind.
    partial = f"{run.output_file}.part"
    with open(partial, "w", encoding="utf-8", newline="") as file:
        file.write(",".join(quoted(column.name) for column in declared) + "\n")
        for row in zip(*columns):
            file.write(",".join(row) + "\n")
    os.replace(partial, run.output_file)


def _with_key_as_column(df: object, key: Column) -> pd.DataFrame:
    if not isinstance(df, pd.DataFrame):
        raise TraitlineError(f"traitline.output takes a pandas DataFrame, not {type(df).__name__}.")
    if key.name not in df.columns and key.name in df.index.names:
        return df.reset_index(level=key.name)
    return df


def _check_columns(frame: pd.DataFrame, key: Column, declared: tuple[Column, ...]) -> None:
    names = [str(name) for name in frame.columns]
    missing = [column.name for column in declared if column.name not in names]
    if missing:
        raise TraitlineError(
            f"The output has no column {_list(missing)}; it has {_list(names)}. "
            f"The key {key.name} and every declared column have to be there."
        )
    extra = sorted(set(names) - {column.name for column in declared})
    if extra:
        raise TraitlineError(
            f"The output has {_list(extra)}, which the project does not declare. "
            "Add it to `output` where the notebook is defined, or leave it out."
        )
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise TraitlineError(f"The output has more than one column {_list(doubled)}. Rename all but one.")


def _check_key(values: pd.Series, key: Column) -> None:
    nulls = int((values.isna() | (values.astype(object) == "")).sum())
    if nulls:
        raise TraitlineError(f"{nulls} rows of the output have no {key.name}. Drop them, or find out whose they are.")
    doubled = int(values.duplicated(keep=False).sum())
    if doubled:
        raise TraitlineError(
            f"{doubled} rows of the output share their {key.name} with another. Group them: one row for each."
        )


def _list(names: list[str]) -> str:
    shown = ", ".join(names[:10])
    return shown if len(names) <= 10 else f"{shown} and {len(names) - 10} more"
