"""A column's values as fields of a CSV file: null is an empty field, and so is an empty text; others are quoted."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from numbers import Real

import numpy as np
import pandas as pd
from pandas.api import types

from ._context import Column
from ._errors import TraitlineError


def fields_of(values: pd.Series, column: Column) -> list[str]:
    """The values in the form that the declared type has, or an error that says which type they are instead."""
    return _fields[column.type](values, column)


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _numbers(values: pd.Series, column: Column) -> list[str]:
    numbers = _as_floats(values, column)
    infinite = int(np.isinf(numbers).sum())
    if infinite:
        raise TraitlineError(
            f"{infinite} values of {column.name} are infinite. Clip them, or make them null where there is no number."
        )
    return ["" if number != number else repr(number) for number in numbers.tolist()]


def _integers(values: pd.Series, column: Column) -> list[str]:
    if types.is_integer_dtype(values.dtype):
        return ["" if value is pd.NA else str(int(value)) for value in values.array]
    numbers = _as_floats(values, column)
    finite = numbers[~np.isnan(numbers)]
    broken = int((~np.isfinite(finite) | (finite != np.floor(finite))).sum())
    if broken:
        raise TraitlineError(f"{broken} values of {column.name} are not whole. Round them, or declare it as a number.")
    return ["" if number != number else str(int(number)) for number in numbers.tolist()]


def _as_floats(values: pd.Series, column: Column) -> np.ndarray:
    dtype = values.dtype
    if types.is_numeric_dtype(dtype) and not types.is_bool_dtype(dtype) and not types.is_complex_dtype(dtype):
        return values.to_numpy(dtype="float64", na_value=np.nan)
    if _each(values, lambda value: isinstance(value, (Real, Decimal)) and not isinstance(value, (bool, np.bool_))):
        return np.array([np.nan if pd.isna(value) else float(value) for value in values], dtype="float64")
    raise _wrong(values, column, "numbers")


def _booleans(values: pd.Series, column: Column) -> list[str]:
    if not types.is_bool_dtype(values.dtype) and not _each(values, lambda value: isinstance(value, (bool, np.bool_))):
        raise _wrong(values, column, "True and False")
    return ["" if pd.isna(value) else "true" if value else "false" for value in values]


def _texts(values: pd.Series, column: Column) -> list[str]:
    if not _each(values, lambda value: isinstance(value, str)):
        raise _wrong(values, column, "texts")
    return ["" if pd.isna(value) else quoted(value) for value in values]


def _timestamps(values: pd.Series, column: Column) -> list[str]:
    times = _as_times(values, column)
    return ["" if pd.isna(time) else time.strftime("%Y-%m-%dT%H:%M:%S.%fZ") for time in times]


def _dates(values: pd.Series, column: Column) -> list[str]:
    times = _as_times(values, column)
    if (times.dropna() != times.dropna().dt.normalize()).any():
        raise TraitlineError(
            f"{column.name} is declared as a date, but some values have a time of day. "
            "Cut it off with .dt.normalize(), or declare a timestamp."
        )
    return ["" if pd.isna(time) else time.strftime("%Y-%m-%d") for time in times]


def _as_times(values: pd.Series, column: Column) -> pd.Series:
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return values.dt.tz_convert("UTC").dt.tz_localize(None)
    if types.is_datetime64_dtype(values.dtype):
        return values
    if _each(values, lambda value: isinstance(value, (date, datetime))):
        return pd.to_datetime(values, utc=True).dt.tz_localize(None)
    raise _wrong(values, column, "dates or timestamps")


def _jsons(values: pd.Series, column: Column) -> list[str]:
    fields = []
    for value in values:
        if value is None or types.is_scalar(value) and pd.isna(value):
            fields.append("")
            continue
        try:
            fields.append(quoted(json.dumps(value, allow_nan=False)))
        except (TypeError, ValueError):
            raise TraitlineError(
                f"{column.name} has values that are not JSON: use dict, list, str, int, finite float, bool and None."
            ) from None
    return fields


_fields = {
    "number": _numbers,
    "integer": _integers,
    "boolean": _booleans,
    "text": _texts,
    "timestamp": _timestamps,
    "date": _dates,
    "json": _jsons,
}


def _each(values: pd.Series, test) -> bool:
    """Whether every value that is not null passes."""
    return all(test(value) for value in values.dropna())


def _wrong(values: pd.Series, column: Column, wanted: str) -> TraitlineError:
    found = sorted({type(value).__name__ for value in values.dropna()})[:3]
    return TraitlineError(
        f"{column.name} is declared as {column.type}, so it has to hold {wanted}; "
        f"it holds {', '.join(found) or 'nothing'} (dtype {values.dtype}). Convert it, or declare another type."
    )
