from __future__ import annotations

import json
import math
import re

from ._context import context
from ._errors import TraitlineError

_metrics: dict[str, object] = {}


def metric(name: str, value: object) -> None:
    """Records a number or a short text with the materialisation, such as a model's score."""
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_.-]{0,62}", name):
        raise TraitlineError("A metric's name is a letter, then letters, digits, '_', '.' or '-': at most 63 in all.")
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float) and not math.isfinite(value):
        raise TraitlineError(f"The metric {name} is not a finite number. Check the data that it was computed from.")
    if not isinstance(value, (bool, int, float, str)) or isinstance(value, str) and len(value) > 200:
        raise TraitlineError(f"The metric {name} has to be a number or a text of at most 200 characters.")
    _metrics[name] = value
    with open(context().metrics_file, "w", encoding="utf-8") as file:
        json.dump(_metrics, file)
