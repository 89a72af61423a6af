"""Dagster beside Traitline: the same assets, timed in one process. Prints one line of JSON, times in milliseconds.

    dagster_peer.py large N    N assets with two deps each: loaded, snapshot, and their graph asked of GraphQL
    dagster_peer.py noop N     N assets without deps that do nothing, in process, recorded in SQLite
"""

import asyncio
import json
import logging
import os
import resource
import sys
import tempfile
import time

import dagster as dg

WIDTH = 25  # so that 10,000 assets are 400 deep, as on the other side


def assets_with_two_deps(count):
    specs = []
    for at in range(count):
        deps = [f"t{upstream}" for upstream in (at - WIDTH, at - WIDTH - 1) if upstream >= 0]
        specs.append(dg.AssetSpec(f"t{at}", deps=deps))

    def materializable(spec):
        @dg.asset(key=spec.key, deps=spec.deps)
        def compute():
            return None

        return compute

    return [materializable(spec) for spec in specs]


def large(count):
    from dagster._core.remote_representation.external_data import RepositorySnap
    from dagster_shared.serdes import serialize_value

    began = time.perf_counter()
    definitions = dg.Definitions(assets=assets_with_two_deps(count))
    repository = definitions.get_repository_def()
    loaded = time.perf_counter()
    snapshot = RepositorySnap.from_def(repository)
    snapshot_bytes = len(serialize_value(snapshot))
    snapped = time.perf_counter()
    return {
        "load": round((loaded - began) * 1_000),
        "snapshot": round((snapped - loaded) * 1_000),
        "snapshotBytes": snapshot_bytes,
        **graph(),
    }


GRAPH = """
query Graph {
  assetNodes {
    id
    assetKey { path }
    dependencyKeys { path }
    dependedByKeys { path }
    groupName
    isMaterializable
  }
}
"""


def graph():
    """The page's question, asked of its own schema over a workspace that a code server has loaded."""
    from dagster._core.workspace.context import WorkspaceProcessContext
    from dagster._core.workspace.load_target import PythonFileTarget
    from dagster_graphql.schema import create_schema

    target = PythonFileTarget(python_file=__file__, attribute="definitions", working_directory=None, location_name="peer")
    schema = create_schema().graphql_schema
    import graphql

    def ask(context):
        answer = graphql.graphql(schema, GRAPH, context_value=context)
        return asyncio.run(answer) if asyncio.iscoroutine(answer) else answer

    with (
        tempfile.TemporaryDirectory() as folder,
        dg.DagsterInstance.local_temp(folder) as instance,
        WorkspaceProcessContext(instance, target) as process,
    ):
        times = []
        for _ in range(3):
            context = process.create_request_context()
            began = time.perf_counter()
            answer = ask(context)
            text = json.dumps(answer.data)
            times.append(time.perf_counter() - began)
            if answer.errors or not answer.data["assetNodes"]:
                raise RuntimeError(f"no graph: {answer.errors}")
        return {"graph": round(min(times) * 1_000), "graphBytes": len(text)}


def noop(count):
    def one(at):
        @dg.asset(name=f"n{at}")
        def compute():
            return None

        return compute

    with tempfile.TemporaryDirectory() as folder, dg.DagsterInstance.local_temp(folder) as instance:
        began = time.perf_counter()
        result = dg.materialize([one(at) for at in range(count)], instance=instance)
        if not result.success:
            raise RuntimeError("the peer's run failed")
        return {"asset": (time.perf_counter() - began) * 1_000 / count}


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    kind, count = sys.argv[1], int(sys.argv[2])
    measured = {"large": large, "noop": noop}[kind](count)
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"dagster": dg.__version__, "ms": measured, "rssMb": rss}))
else:
    definitions = dg.Definitions(assets=assets_with_two_deps(int(os.environ.get("PEER_ASSETS", "10000"))))
