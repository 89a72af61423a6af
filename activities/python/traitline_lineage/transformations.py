"""How an output column depends on an input column, in OpenLineage's terms.

A kind is one letter, so that a thousand queries make a small answer:

    I identity   T transformation   A aggregation                       (direct)
    J join   G group by   F filter   S sort   W window   C conditional  (indirect)

A lower-case `m` after a direct kind says that the value cannot be had back: it was counted or hashed.
Dependencies are dictionaries: (table, column) -> set of kinds.
"""

DIRECT = {"I": 0, "T": 1, "A": 2}


def is_direct(kind):
    return kind[0] in DIRECT


def compose(outer, inner):
    """The kind of a step that reads, as `outer`, what another made, as `inner`. Indirect beats direct."""
    if not is_direct(outer):
        return outer
    if not is_direct(inner):
        return inner
    stronger = outer[0] if DIRECT[outer[0]] >= DIRECT[inner[0]] else inner[0]
    return stronger + ("m" if "m" in outer or "m" in inner else "")


def merge(into, other):
    for source, kinds in other.items():
        into.setdefault(source, set()).update(kinds)
    return into


def composed(outer, dependencies):
    return {source: {compose(outer, kind) for kind in kinds} for source, kinds in dependencies.items()}
