"""Which columns an expression reads, and as what."""

from sqlglot import exp

from transformations import compose

# Window functions that hand a value on, though sqlglot counts them among the aggregates.
PASSING = (exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue)
HASHES = (exp.MD5, exp.MD5Digest, exp.SHA, exp.SHA2, exp.FarmFingerprint, exp.StandardHash)
HASH_NAMES = {"hash", "md5", "sha1", "sha256", "sha512", "md5_number"}
COUNTS = (exp.Count, exp.CountIf, exp.ApproxDistinct)


def reads(node, kind="I"):
    """Yields (node, kind) for each column and each query that stands in the expression."""
    if isinstance(node, (exp.Column, exp.Query)):
        yield node, kind
    elif isinstance(node, exp.Dot):
        yield from reads(node.this, compose(kind, "T"))
    elif isinstance(node, (exp.Alias, exp.Paren)):
        yield from reads(node.this, kind)
    elif isinstance(node, exp.Case):
        yield from _case(node, kind)
    elif isinstance(node, exp.If):
        yield from reads(node.this, compose(kind, "C"))
        for branch in ("true", "false"):
            if node.args.get(branch) is not None:
                yield from reads(node.args[branch], compose(kind, "T"))
    elif isinstance(node, exp.Window):
        yield from _window(node, kind)
    elif isinstance(node, exp.Filter):
        yield from reads(node.this, kind)
        yield from reads(node.expression, compose(kind, "C"))
    elif isinstance(node, exp.Exists):
        yield from _children(node, compose(kind, "C"))
    elif isinstance(node, exp.Order):
        # Within an aggregate the order holds what it orders.
        if node.this is not None:
            yield from reads(node.this, kind)
        for part in node.expressions:
            yield from reads(part, compose(kind, "S"))
    elif isinstance(node, exp.In) and node.args.get("query") is not None:
        yield from reads(node.this, compose(kind, "T"))
        yield from reads(node.args["query"], compose(kind, "C"))
    elif isinstance(node, exp.Lambda):
        yield from reads(node.this, compose(kind, "T"))
    else:
        yield from _children(node, compose(kind, _own(node)))


def _own(node):
    if isinstance(node, HASHES) or (isinstance(node, exp.Anonymous) and node.name.lower() in HASH_NAMES):
        return "Tm"
    if isinstance(node, COUNTS):
        return "Am"
    if isinstance(node, exp.AggFunc) and not isinstance(node, PASSING):
        return "A"
    return "T"


def _case(node, kind):
    if node.this is not None:
        yield from reads(node.this, compose(kind, "C"))
    for branch in node.args.get("ifs") or []:
        yield from reads(branch.this, compose(kind, "C"))
        yield from reads(branch.args["true"], compose(kind, "T"))
    if node.args.get("default") is not None:
        yield from reads(node.args["default"], compose(kind, "T"))


def _window(node, kind):
    yield from reads(node.this, compose(kind, "T"))
    for part in node.args.get("partition_by") or []:
        yield from reads(part, compose(kind, "W"))
    if node.args.get("order") is not None:
        yield from reads(node.args["order"], compose(kind, "W"))


def _children(node, kind):
    for child in node.iter_expressions():
        yield from reads(child, kind)
