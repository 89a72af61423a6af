"""Column lineage of one query: sqlglot parses and qualifies, this walks its scopes."""

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

from expressions import reads
from transformations import compose, composed, merge


class Opaque(Exception):
    """Why a query's columns cannot be told. Holds no value of the query."""


class Answer:
    def __init__(self):
        self.columns = {}
        self.rows = {}
        self.warnings = []


def lineage(sql, dialect, schema):
    """`schema` is sqlglot's MappingSchema of the tables whose columns are known."""
    try:
        statements = [each for each in sqlglot.parse(sql, dialect=dialect) if each is not None]
    except sqlglot.errors.SqlglotError as error:
        raise Opaque("it is no %s that the parser knows%s" % (dialect, _place(error))) from None
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise Opaque("it is not one query")
    try:
        tree = qualify(
            statements[0],
            dialect=dialect,
            schema=schema,
            validate_qualify_columns=False,
            quote_identifiers=False,
            identify=False,
            allow_partial_qualification=True,
        )
        scope = build_scope(tree)
    except (sqlglot.errors.SqlglotError, RecursionError) as error:
        raise Opaque("its columns cannot be resolved (%s)" % type(error).__name__) from None
    if scope is None:
        raise Opaque("it is not one query")
    return Walk().answer(scope)


def _place(error):
    found = getattr(error, "errors", None)
    return " (line %s)" % found[0]["line"] if found and found[0].get("line") else ""


class Walk:
    def __init__(self):
        self.made = {}
        self.warnings = []

    def answer(self, scope):
        answer = Answer()
        answer.columns, answer.rows = self.scope(scope)
        answer.warnings = self.warnings
        return answer

    def warn(self, text):
        if text not in self.warnings:
            self.warnings.append(text)

    def scope(self, scope):
        """The columns that a scope makes, and what decides which rows it has."""
        # By what it stands for: in a recursive query, the part that does not recur stands for the whole.
        made = id(scope.expression)
        if made not in self.made:
            self.made[made] = ({}, {})
            self.made[made] = self.union(scope) if scope.set_operation_scopes else self.select(scope)
        return self.made[made]

    def union(self, scope):
        columns, rows = {}, {}
        names = None
        for part in scope.set_operation_scopes:
            part_columns, part_rows = self.scope(part)
            names = names or list(part_columns)
            for name, dependencies in zip(names, part_columns.values()):
                merge(columns.setdefault(name, {}), dependencies)
            merge(rows, part_rows)
        order = scope.expression.args.get("order")
        for column in order.find_all(exp.Column) if order else ():
            merge(rows, composed("S", columns.get(column.name.lower(), {})))
        return columns, rows

    def select(self, scope):
        query = scope.expression
        if scope.is_udtf:
            return self.table_function(scope)
        if isinstance(query, exp.Subquery):
            inner = scope.subquery_scopes or scope.derived_table_scopes
            return self.scope(inner[0]) if inner else ({}, {})
        if not isinstance(query, exp.Select):
            return {}, {}
        columns = {}
        for position, projection in enumerate(query.selects):
            name = (projection.alias_or_name or "_col_%d" % position).lower()
            if projection.is_star or projection.find(exp.Columns) is not None:
                self.star(scope, projection, columns)
            else:
                columns[name] = self.expression(scope, projection)
        return columns, self.rows(scope, columns)

    def star(self, scope, projection, columns):
        """What qualifying left of a star: the columns of a table that nobody knows."""
        wanted = projection.table if isinstance(projection, exp.Column) else ""
        for name, (_, source) in scope.selected_sources.items():
            if wanted and name != wanted:
                continue
            if isinstance(source, Scope):
                for column, dependencies in self.scope(source)[0].items():
                    merge(columns.setdefault(column, {}), composed("I", dependencies))
            else:
                self.warn("the columns of %s, which it takes with a pattern, are not known" % table_name(source))
                merge(columns.setdefault("*", {}), {(table_name(source), "*"): {"I"}})

    def expression(self, scope, node, kind="I"):
        found = {}
        for read, as_kind in reads(node, kind):
            if isinstance(read, exp.Column):
                merge(found, composed(as_kind, self.column(scope, read)))
            else:
                merge(found, self.subquery(scope, read, as_kind))
        return found

    def subquery(self, scope, query, kind):
        for inner in scope.subquery_scopes:
            if inner.expression is query or inner.expression is query.unnest():
                columns, rows = self.scope(inner)
                found = {}
                for dependencies in columns.values():
                    merge(found, composed(kind if kind != "I" else "T", dependencies))
                return merge(found, composed(kind, rows))
        return {}

    def column(self, scope, column):
        name, table = column.name.lower(), column.table
        if table:
            owner = scope
            while owner is not None:
                source = owner.sources.get(table)
                if source is not None:
                    return self.of_source(source, name)
                # A subquery that reads a column of the query around it.
                owner = owner.parent
            return {}
        sources = self.read_sources(scope)
        if len(sources) == 1:
            return self.of_source(sources[0], name)
        known = [source for source in sources if isinstance(source, Scope) and name in self.scope(source)[0]]
        tables = [source for source in sources if not isinstance(source, Scope)]
        if len(known) == 1:
            return self.of_source(known[0], name)
        if len(tables) == 1 and not known:
            return self.of_source(tables[0], name)
        if sources:
            self.warn("which table the column %s is of is not known" % name)
        return {}

    def of_source(self, source, name):
        if isinstance(source, Scope):
            columns = self.scope(source)[0]
            if name in columns:
                return columns[name]
            star = columns.get("*", {})
            return {(table, name): kinds for (table, _), kinds in star.items()}
        return {(table_name(source), name): {"I"}}

    def table_function(self, scope):
        """Rows made of an expression, such as unnest(tags): all that comes of it comes of all that it reads."""
        found = {}
        for column in scope.expression.find_all(exp.Column):
            owner = scope.parent
            if owner is not None:
                merge(found, composed("T", self.column(owner, column)))
        names = [name.lower() for name in scope.expression.alias_column_names] or ["*"]
        return EveryColumn({name: found for name in names}, found), {}

    def rows(self, scope, columns):
        query = scope.expression
        rows = {}
        for source in self.read_sources(scope):
            if isinstance(source, Scope):
                merge(rows, self.scope(source)[1])
        for clause, kind in (("where", "F"), ("having", "F"), ("qualify", "F")):
            if query.args.get(clause) is not None:
                merge(rows, self.expression(scope, query.args[clause].this, kind))
        for join in query.args.get("joins") or []:
            if join.args.get("on") is not None:
                merge(rows, self.expression(scope, join.args["on"], "J"))
            for column in join.args.get("using") or []:
                merge(rows, self.using(scope, column.name.lower()))
        merge(rows, self.groups(scope, columns))
        if query.args.get("order") is not None:
            for part in query.args["order"].expressions:
                merge(rows, self.reference(scope, part, columns, "S"))
        return rows

    def read_sources(self, scope):
        return [source for _, source in scope.selected_sources.values()]

    def using(self, scope, name):
        found = {}
        for source in self.read_sources(scope):
            if not isinstance(source, Scope) or name in self.scope(source)[0]:
                merge(found, composed("J", self.of_source(source, name)))
        return found

    def groups(self, scope, columns):
        query, found = scope.expression, {}
        group, distinct = query.args.get("group"), query.args.get("distinct")
        parts = list(group.expressions) if group else []
        for sets in ("cube", "rollup", "grouping_sets"):
            parts += (group.args.get(sets) or []) if group else []
        if group is not None and group.args.get("all"):
            parts += [each for each in query.selects if not each.find(exp.AggFunc)]
        for part in parts:
            merge(found, self.reference(scope, part, columns, "G"))
        if distinct is not None:
            on = distinct.args.get("on")
            for part in on.expressions if on else query.selects:
                merge(found, self.reference(scope, part, columns, "G"))
        return found

    def reference(self, scope, part, columns, kind):
        """A part of group by or order by: an expression, the name of an output column, or its position."""
        node = part.this if isinstance(part, exp.Ordered) else part
        if isinstance(node, exp.Literal) and node.is_int:
            names = list(columns)
            position = int(node.name) - 1
            return composed(kind, columns[names[position]]) if 0 <= position < len(names) else {}
        if isinstance(node, exp.Column) and not node.table and node.name.lower() in columns:
            return composed(kind, columns[node.name.lower()])
        return self.expression(scope, node, kind)


class EveryColumn(dict):
    """Columns of which any name is one."""

    def __init__(self, named, dependencies):
        super().__init__(named)
        self.dependencies = dependencies

    def __contains__(self, name):
        return True

    def __getitem__(self, name):
        return super().get(name, self.dependencies)


def table_name(table):
    """`schema.name` in lower case: what a relation is found by. A catalogue is left out."""
    return ".".join(part for part in (table.db, table.name) if part).lower()
