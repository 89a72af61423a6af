import { CancelledFailure } from '@temporalio/common'
import { existsSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { quietEnvironment } from '../../test/harness/activity.ts'
import { eventually } from '../../test/harness/eventually.ts'
import { notebookWorld, type NotebookWorld } from '../../test/notebook/world.ts'
import { scope } from '../../test/store/fresh-store.ts'

// Each notebook starts a kernel, which takes seconds on a quiet machine and many on a busy one.
vi.setConfig({ testTimeout: 240_000 })

const good = [
  'factor = 1',
  `import pandas as pd, traitline
df = traitline.table("purchases")
assert str(df["bought_on"].dtype).startswith("datetime64"), df.dtypes
assert df["amount"].dtype == "float64", df.dtypes
assert str(df["seen"].dt.tz) in ("UTC", "Etc/UTC"), df["seen"].dt.tz
assert df["seen"].dropna().iloc[0].hour == 10
assert traitline.inputs == ("purchases",)
assert traitline.as_of.isoformat() == "2020-03-01T00:00:00+00:00"
assert traitline.time_zone == "Europe/Paris"
print("a row:", df.iloc[0].to_dict())`,
  `scores = df.groupby("customer_id")["amount"].sum().rename("score").to_frame() * factor
scores["segment"] = ["a, \\"quoted\\"\\nline", None]
traitline.metric("auc", 0.8)
traitline.metric("note", "fine")
traitline.output(scores)`,
]

async function left(world: NotebookWorld, run: string): Promise<string[]> {
  return (await readdir(join(world.home, 'runs', run, 'notebook/scores'))).sort()
}

test.each(['duckdb', 'postgres'] as const)(
  'reads its inputs, hands its output over, and leaves its metrics: %s',
  async (dialect) => {
    const world = await notebookWorld(dialect)
    const outcome = await world.run(good, { run: 'r', parameters: { factor: 2 } })
    expect(outcome).toMatchObject({ status: 'materialized', rows: 2 })
    expect(await world.rows()).toEqual([
      { customer_id: '001', score: 25, segment: 'a, "quoted"\nline' },
      { customer_id: 'canary', score: 0, segment: null },
    ])
    const [materialization] = await world.store.assets.materializations(scope, 'notebook/scores', { limit: 1 })
    expect(materialization?.metadata).toEqual({
      auc: 0.8,
      note: 'fine',
      executed_notebook: 'runs/r/notebook/scores/executed.ipynb',
    })
    expect(materialization?.statistics.map(({ column }) => column)).toEqual(['score', 'segment'])

    // Rows are in the executed notebook alone, and that is its owner's alone.
    expect(await left(world, 'r')).toEqual(['executed.ipynb'])
    const executed = join(world.home, 'runs/r/notebook/scores/executed.ipynb')
    expect((await stat(executed)).mode & 0o777).toBe(0o600)
    expect(await readFile(executed, 'utf8')).toContain('a row:')
    const log = await world.store.logs.read('r', 'notebook/scores', { after: 0, limit: 100 })
    expect(log.map(({ text }) => text.replace(/[\d.]+ s$/, 's'))).toEqual([
      'cell 1: s',
      'cell 2: s',
      'cell 3: s',
      'cell 4: s',
    ])

    // The same run again records nothing new; the same content has the same version.
    expect(await world.run(good, { run: 'r' })).toEqual(outcome)
    const again = await world.run(good, { parameters: { factor: 2 } })
    expect(again).toMatchObject({ dataVersion: materialization?.dataVersion })
  },
)

test('a run may give it other parameters, and what that makes is not what is defined', async () => {
  const world = await notebookWorld('duckdb')
  await world.run(good, { run: 'other', parameters: { factor: 1 }, config: { factor: 4 } })
  expect((await world.rows())[0]).toMatchObject({ customer_id: '001', score: 50 })
  const versionOf = async (): Promise<string> => {
    const [latest] = await world.store.assets.materializations(scope, 'notebook/scores', { limit: 1 })
    return latest?.codeVersion ?? ''
  }
  expect(await versionOf()).toMatch(/^c\+parameters:[0-9a-f]{16}$/)
  expect((await world.store.assets.states(scope, ['notebook/scores']))['notebook/scores']).toMatchObject({
    latest: { codeVersion: await versionOf() },
  })

  // The same as the definition's is none of its own.
  await world.run(good, { parameters: { factor: 1 }, config: { factor: 1 } })
  expect(await versionOf()).toBe('c')
})

test('a notebook that raises is named with its cell, and the old table stays', async () => {
  const world = await notebookWorld('duckdb')
  await world.run(good)
  const failing = world.run([...good, `raise ValueError("no such customer: 'canary'\\nsecond line")`], { run: 'bad' })
  await expect(failing).rejects.toMatchObject({
    type: 'NOTEBOOK_FAILED',
    nonRetryable: true,
    message: "notebook/scores: notebooks/scores.ipynb raised ValueError in cell [4]: no such customer: '...'",
    details: [{ hint: expect.stringContaining('runs/bad/notebook/scores/executed.ipynb') as string }],
  })
  expect(await left(world, 'bad')).toEqual(['executed.ipynb'])
  expect(await world.rows()).toHaveLength(2)
})

test('what a notebook hands back is held to its declaration, in words', async () => {
  const world = await notebookWorld('duckdb')
  // One notebook tries all; each refusal is a line of a metric's name.
  const tries: Readonly<Record<string, string>> = {
    missing: `df.drop(columns="score")`,
    extra: `df.assign(more=1)`,
    nulls: `df.assign(customer_id=[None, "b"])`,
    blank: `df.assign(customer_id=["", "b"])`,
    doubled: `df.assign(customer_id=["b", "b"])`,
    infinite: `df.assign(score=[1.0, float("inf")])`,
    text_for_number: `df.assign(score=["1", "canary"])`,
    boolean_for_number: `df.assign(score=[True, False])`,
    number_for_text: `df.assign(segment=[1, 2])`,
    number_for_key: `df.assign(customer_id=[1, 2])`,
    no_frame: `[1, 2]`,
  }
  const cell = `import pandas as pd, traitline
df = pd.DataFrame({"customer_id": ["a", "b"], "score": [1.0, 2.0], "segment": ["x", "y"]})
for name, attempt in {${Object.entries(tries).map(([name, code]) => `${JSON.stringify(name)}: lambda: ${code}`)}}.items():
    try:
        traitline.output(attempt())
        raise SystemExit(name + " was taken")
    except traitline.TraitlineError as error:
        traitline.metric(name, str(error)[:190])
for name, attempt in {"metric_nan": lambda: traitline.metric("x", float("nan")), "unknown_table": lambda: traitline.table("nobody")}.items():
    try:
        attempt()
        raise SystemExit(name + " was taken")
    except traitline.TraitlineError as error:
        traitline.metric(name, str(error)[:190])
traitline.output(df)`
  expect(await world.run(['', cell])).toMatchObject({ status: 'materialized', rows: 2 })
  const [materialization] = await world.store.assets.materializations(scope, 'notebook/scores', { limit: 1 })
  const said = materialization?.metadata ?? {}
  expect(said).toMatchObject({
    missing: expect.stringMatching(/has no column score; it has customer_id, segment/) as string,
    extra: expect.stringMatching(/has more, which the project does not declare/) as string,
    nulls: expect.stringMatching(/^1 rows of the output have no customer_id/) as string,
    blank: expect.stringMatching(/^1 rows of the output have no customer_id/) as string,
    doubled: expect.stringMatching(/^2 rows of the output share their customer_id/) as string,
    infinite: expect.stringMatching(/^1 values of score are infinite/) as string,
    text_for_number: expect.stringMatching(/score is declared as number.*it holds str/) as string,
    boolean_for_number: expect.stringMatching(/score is declared as number/) as string,
    number_for_text: expect.stringMatching(/segment is declared as text.*it holds int/) as string,
    number_for_key: expect.stringMatching(/customer_id is declared as text/) as string,
    no_frame: expect.stringMatching(/takes a pandas DataFrame, not list/) as string,
    metric_nan: expect.stringMatching(/not a finite number/) as string,
    unknown_table: expect.stringMatching(/nobody is not among the notebook's inputs \(purchases\)/) as string,
  })
  expect(JSON.stringify(said)).not.toContain('canary')
})

test('no output, no kernel, no time and no Python each have an error of their own', async () => {
  const world = await notebookWorld('duckdb')
  await expect(world.run(['', 'import traitline'])).rejects.toMatchObject({
    type: 'NOTEBOOK_WITHOUT_OUTPUT',
    details: [{ hint: expect.stringContaining('customer_id, score, segment') as string }],
  })
  await expect(world.run([''], { kernel: 'julia-1.9' })).rejects.toMatchObject({ type: 'KERNEL_MISSING' })
  await expect(world.run(['', 'import time\ntime.sleep(600)'], { timeoutSeconds: 8 })).rejects.toMatchObject({
    type: 'NOTEBOOK_TIMEOUT',
    message: expect.stringContaining('within 8 s') as string,
  })
  await expect(world.run([''], { pythonExecutable: '/nowhere/python' })).rejects.toMatchObject({
    type: 'PYTHON_MISSING',
  })
  await expect(world.run(['', 'import os\nos.kill(os.getpid(), 9)'])).rejects.toMatchObject({
    type: 'KERNEL_DIED',
    nonRetryable: false,
  })
})

test('cancelled in the middle, the kernel is gone and the warehouse is free', async () => {
  const world = await notebookWorld('duckdb')
  const environment = quietEnvironment()
  const cell = `import os, time, duckdb
held = duckdb.connect(os.environ["TRAITLINE_NOTEBOOK_WAREHOUSE"], read_only=True)
time.sleep(600)`
  const running = world.run(['begun = True', cell], { run: 'r', environment })
  const cancelled = expect(running).rejects.toBeInstanceOf(CancelledFailure)
  const executed = join(world.home, 'runs/r/notebook/scores/executed.ipynb')
  await eventually(async () => {
    const log = await world.store.logs.read('r', 'notebook/scores', { after: 0, limit: 100 })
    return log.length >= 1 && existsSync(executed)
  })
  environment.cancel()
  await cancelled
  expect(await world.warehouse.query({ text: 'select count(*) as n from raw.purchases', parameters: [] })).toEqual([
    { n: 3 },
  ])
})

test('what a kernel of another language wrote by itself is checked in the warehouse', async () => {
  const world = await notebookWorld('duckdb')
  const write = (rows: string): string => `import json, os
context = json.load(open(os.environ["TRAITLINE_NOTEBOOK_CONTEXT"]))
open(context["outputFile"], "w").write("customer_id,score,segment\\n" + ${JSON.stringify(rows)})`
  await expect(world.run(['', write('a,1,x\na,2,y\n')])).rejects.toMatchObject({
    type: 'NOTEBOOK_OUTPUT_INVALID',
    message: expect.stringContaining('1 rows repeat the customer_id') as string,
  })
  await expect(world.run(['', write('a,canary,x\n')])).rejects.toMatchObject({
    type: 'CSV_INVALID',
    message: expect.not.stringContaining('canary') as string,
  })
  expect(await world.run(['', write('a,1,x\n')])).toMatchObject({ status: 'materialized', rows: 1 })
})

test('a notebook has the resources that it declares; what it prints of their secrets is nowhere afterwards', async () => {
  const world = await notebookWorld('duckdb')
  const resource = { value: { url: 'http://here', key: 'canary-"key"' }, secrets: ['canary-"key"'] }
  const cells = [
    'import sys, traitline',
    `api = traitline.resource("api")
assert api["url"] == "http://here"
print(api)
print(api["key"], file=sys.stderr)`,
    'traitline.resource("other")',
    'raise ValueError(api["key"])',
  ]
  const told = async (run: string, ...of: readonly string[]) =>
    world.run(of, { run, resource }).then(
      () => 'it went well',
      (error: unknown) => `${String(error)} ${JSON.stringify(error)}`,
    )
  expect(await told('first', ...cells.slice(0, 3))).toContain('it has: api')
  const raised = await told('second', ...cells.slice(0, 2), ...cells.slice(3))
  expect(raised).toContain('ValueError')
  expect(raised).not.toContain('canary')
  for (const run of ['first', 'second']) {
    const folder = join(world.home, 'runs', run, 'notebook/scores')
    expect(await readdir(folder)).toEqual(['executed.ipynb'])
    const kept = await readFile(join(folder, 'executed.ipynb'), 'utf8')
    expect(kept).toContain('http://here')
    expect(kept).not.toContain('canary')
    const logs = await world.store.logs.read(run, 'notebook/scores', { after: 0, limit: 100 })
    expect(JSON.stringify(logs)).not.toContain('canary')
  }
})

test('made in partitions, it is told which by the context and by parameters, and each keeps its own rows', async () => {
  const world = await notebookWorld('duckdb')
  const days = ['2020-01-01', '2020-02-01']
  const cells = [
    'traitline_partition_key = traitline_partition_start = None',
    `import traitline
assert traitline.partition.key == traitline_partition_key, traitline_partition_key
assert traitline.partition.start.isoformat() == traitline_partition_start.replace("Z", "+00:00"), traitline_partition_start
assert (traitline.partition.end - traitline.partition.start).total_seconds() == 86400
df = traitline.table("purchases")
mine = df[df["bought_on"] == traitline_partition_key]
scores = mine.groupby("customer_id")["amount"].sum().rename("score").to_frame()
scores["segment"] = traitline.partition.dimensions["day"].key
traitline.output(scores)`,
  ]
  expect(await world.runDays(cells, { run: 'days', days })).toMatchObject(
    days.map((partition) => ({ partition, status: 'materialized', rows: 1 })),
  )
  expect(await world.rows()).toEqual([{ customer_id: '001', score: 2, segment: '2020-02-01' }])
  expect(await world.store.partitions.counts(scope, 'notebook/scores')).toMatchObject({ made: 2 })
})
