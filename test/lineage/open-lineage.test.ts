import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, inject, onTestFinished, test } from 'vitest'
import { createWarehouse } from '../../activities/warehouse/create-warehouse.ts'
import { isExternal, warehouseQueue, type AssetKey, type AssetSpec } from '../../orchestrator/contract/index.ts'
import {
  audience,
  check,
  csv,
  daily,
  entity,
  partition,
  project,
  source,
  sql,
  trait,
  type Project,
} from '../../orchestrator/define/index.ts'
import { connectTemporal, createLauncher, newRunId, reportMaterialization } from '../../orchestrator/launch/index.ts'
import { openLineageConfig } from '../../orchestrator/main/openlineage-settings.ts'
import { openStore } from '../../orchestrator/main/records.ts'
import { runWorker } from '../../orchestrator/main/worker.ts'
import { compileProject, diffManifests } from '../../orchestrator/project/index.ts'
import { migrate } from '../../orchestrator/store/index.ts'
import { eventually } from '../harness/eventually.ts'
import { freshDatabase } from '../harness/postgres.ts'
import { pythonBin } from '../harness/python.ts'
import { tempDir } from '../harness/temp.ts'
import { temporalAddress } from '../harness/temporal.ts'
import { startReceiver, type LineageEvent, type Receiver } from './receiver.ts'

const planted = 'planted.value@example.com'

const purchases = source('purchases', {
  description: 'What was bought.',
  owners: ['data'],
  table: 'raw.purchases',
  columns: { customer_id: 'text', amount: 'number' },
  load: csv('purchases.csv'),
})
const customer = entity('customer', { key: 'customer_id', type: 'text' })
const spent = trait.continuous('spent', {
  of: customer,
  tags: { team: 'crm' },
  checks: [check.notNull()],
  from: sql`select customer_id, sum(amount) as value from ${purchases} group by customer_id`,
})
const big = audience('big', { of: customer, where: spent.gte(10) })
const broken = trait.continuous('broken', {
  of: customer,
  from: sql`select customer_id, cast(customer_id as integer) as value from ${purchases}`,
})
const shop = project('shop', { assets: [big, broken], openLineage: { namespace: 'the_shop' } })

test(
  'every event of real runs is as the standard has it, each run in order, whatever the endpoint does',
  { timeout: 180_000 },
  async () => {
    // Not reachable at first, then one that takes an event and says nothing.
    const receiver = await startReceiver((request) => (request <= 2 ? 503 : request === 6 ? null : 201))
    const world = await startWorld(receiver)
    await world.run(true)
    await world.run(false)
    await eventually(async () => {
      const ended = withoutRepeats(receiver.events).filter(
        ({ job, eventType }) => job.name === 'shop' && eventType !== 'START',
      )
      return ended.length === 2 && (await world.outbox()).waiting === 0
    })
    await world.stop()

    expect(receiver.faults).toEqual([])
    expect([...receiver.keys]).toEqual(['Bearer a key'])
    const events = withoutRepeats(receiver.events)
    expect(receiver.events.length).toBe(events.length + 1)
    expect(events.every(({ job }) => job.namespace === 'the_shop')).toBe(true)
    const told = events.map(({ eventType, job }) => `${eventType} ${job.name}`)
    for (const run of new Set(events.map(runOf))) {
      const own = told.filter((_, at) => runOf(events[at] as LineageEvent) === run)
      expect([own[0], own.at(-1)]).toEqual(['START shop', 'FAIL shop'])
    }
    for (const run of new Set(events.map(({ run }) => run.runId))) {
      const states = events.filter((event) => event.run.runId === run).map(({ eventType }) => eventType)
      expect(states[0]).toBe('START')
      expect(['COMPLETE', 'FAIL', 'ABORT']).toContain(states.at(-1))
      expect(states.length).toBe(2)
    }
    expect(told).toEqual(
      expect.arrayContaining([
        'START shop',
        'COMPLETE shop.source/purchases',
        'COMPLETE shop.trait/spent.checks',
        'COMPLETE shop.trait/spent',
        'FAIL shop.trait/broken',
        'COMPLETE shop.audience/big',
        'FAIL shop',
      ]),
    )

    // In the second run it was found fresh: nothing was made.
    const made = events.find(
      ({ job, outputs }) => job.name === 'shop.trait/spent' && outputs[0]?.outputFacets !== undefined,
    )
    expect(made?.run.facets['parent']).toMatchObject({ job: { namespace: 'the_shop', name: 'shop' } })
    expect(made?.job.facets).toMatchObject({
      sql: { query: expect.stringContaining('from "raw"."purchases"') as string },
      tags: { tags: [{ key: 'team', value: 'crm' }] },
    })
    const table = expect.stringMatching(/^[^.]*\.raw\.purchases$/) as string
    expect(made?.inputs).toMatchObject([{ name: table, facets: { version: {} } }])
    expect(made?.outputs).toMatchObject([
      {
        facets: {
          schema: { fields: [{ name: 'customer_id' }, { name: 'spent', type: 'number' }] },
          columnLineage: {
            fields: {
              spent: {
                inputFields: [
                  { name: table, field: 'amount', transformations: [{ type: 'DIRECT', subtype: 'AGGREGATION' }] },
                ],
              },
            },
            dataset: [{ field: 'customer_id', transformations: [{ type: 'INDIRECT', subtype: 'GROUP_BY' }] }],
          },
        },
        outputFacets: { outputStatistics: { rowCount: 2 } },
      },
    ])
    const checked = events.find(({ job }) => job.name === 'shop.trait/spent.checks')
    expect(checked?.inputs).toMatchObject([
      {
        inputFacets: {
          dataQualityMetrics: { columnMetrics: { spent: { nullCount: 0, min: 4, max: 11 } } },
          dataQualityAssertions: { assertions: [{ assertion: 'not_null', column: 'spent', success: true }] },
        },
      },
    ])
    expect(JSON.stringify(receiver.events)).not.toContain(planted)
  },
)

const scores = source('scores', {
  table: 'raw.scores',
  columns: { customer_id: 'text', score: 'number' },
  reportedBy: 'others',
})
const daysSpent = trait.continuous('days_spent', {
  of: customer,
  partitions: daily({ start: '2026-01-01', end: '2026-01-03', timeZone: 'Europe/Berlin' }),
  from: sql`select customer_id, sum(amount) as value from ${purchases} where ${partition.start} < ${partition.end} group by customer_id`,
})

test(
  'partitions, runs of checks alone and what others report are told, while the endpoint is slow, fails and goes away',
  { timeout: 240_000 },
  async () => {
    const receiver = await startReceiver((request) => ({ 1: 503, 2: 503, 3: 503, 6: 500, 9: 429 })[request] ?? 201)
    const parted = project('shop', { assets: [scores, daysSpent, spent] })
    const world = await startWorld(receiver, parted)
    await world.report()
    await world.run(true, 'all')
    await world.check(['trait/spent'])
    await eventually(async () => {
      const names = new Set(receiver.events.map(({ eventType, job }) => `${eventType} ${job.name}`))
      return (
        names.has('COMPLETE shop.source/scores') &&
        receiver.events.filter(({ eventType, job }) => job.name === 'shop' && eventType === 'COMPLETE').length >= 2 &&
        (await world.outbox()).waiting === 0
      )
    })
    await world.stop()
    expect(receiver.faults).toEqual([])
    const events = withoutRepeats(receiver.events)
    for (const run of new Set(events.map(({ run }) => run.runId))) {
      expect(events.filter((event) => event.run.runId === run).map(({ eventType }) => eventType)).toEqual([
        'START',
        'COMPLETE',
      ])
    }
    const ended = (name: string) => events.filter(({ eventType, job }) => job.name === name && eventType !== 'START')
    // Each partition is a run about its window, which Berlin's midnight begins.
    const windows = ended('shop.trait/days_spent').map(({ run }) => run.facets['nominalTime'])
    expect(windows).toHaveLength(2)
    for (const [start, end] of [
      ['2025-12-31', '2026-01-01'],
      ['2026-01-01', '2026-01-02'],
    ]) {
      const window = { nominalStartTime: `${start}T23:00:00Z`, nominalEndTime: `${end}T23:00:00Z` }
      expect(windows).toContainEqual(expect.objectContaining(window))
    }
    expect(ended('shop.source/scores')).toMatchObject([
      {
        run: { facets: { nominalTime: { nominalStartTime: '2026-02-01T06:00:00.000Z' } } },
        outputs: [
          {
            facets: { version: { datasetVersion: 'reported:7' } },
            outputFacets: { outputStatistics: { rowCount: 5 } },
          },
        ],
      },
    ])
    expect(ended('shop.source/scores.checks')).toMatchObject([
      { inputs: [{ inputFacets: { dataQualityAssertions: { assertions: [{ name: 'fresh', success: true }] } } }] },
    ])
    // Once with the run, once by themselves.
    expect(ended('shop.trait/spent.checks')).toHaveLength(2)
    expect(ended('shop')).toHaveLength(2)
  },
)

function withoutRepeats(events: readonly LineageEvent[]): LineageEvent[] {
  return [...new Map(events.map((event) => [`${event.run.runId} ${event.eventType}`, event])).values()]
}

/** The run of the project that an event is of. */
function runOf(event: LineageEvent): string {
  const parent = event.run.facets['parent'] as { readonly run?: { readonly runId: string } } | undefined
  return parent?.run?.runId ?? event.run.runId
}

async function startWorld(receiver: Receiver, definitions: Project = shop) {
  const home = await tempDir()
  const projectDir = join(home, 'project')
  await mkdir(projectDir, { recursive: true })
  await writeFile(join(projectDir, 'purchases.csv'), `customer_id,amount\n${planted},4\n${planted},7\nb,4\n`)
  const database = await freshDatabase()
  await migrate(database.url)
  const store = openStore({ databaseUrl: database.url }, 'traitline test')
  const temporal = await connectTemporal({ address: temporalAddress() })
  onTestFinished(async () => {
    await temporal.close()
    await store.close()
    await database.drop()
  })
  const compiled = await compileProject({
    dir: projectDir,
    definitions,
    dbt: () => Promise.reject(new Error('there is no dbt project')),
  })
  const { manifest, hash: manifestHash } = compiled
  const scope = { environment: `test-${process.pid}-${Date.now().toString(36)}`, project: 'shop' }
  const diff = diffManifests(null, manifest)
  const { number } = await store.revisions.deploy({ scope, manifest, manifestHash, diff, deployedBy: null })
  const stop = new AbortController()
  let ready: () => void = () => undefined
  const isReady = new Promise<void>((resolve) => (ready = resolve))
  const warehouseUrl = `duckdb:${join(home, 'shop.duckdb')}`
  const working = runWorker({
    ...{ scopes: [scope], databaseUrl: database.url, temporal: { address: temporalAddress() }, warehouseUrl, home },
    ...{ projectDir: () => projectDir, pythonEnv: inject('pythonEnv'), dbtExecutable: pythonBin('dbt'), env: {} },
    ...{ secret: () => undefined, verbose: false, onReady: ready, signal: stop.signal },
    openLineage: openLineageConfig({ OPENLINEAGE_URL: receiver.url, OPENLINEAGE_API_KEY: 'a key' }),
  })
  await Promise.race([isReady, working])
  await eventually(async () => (await store.lineage.get(scope, number)).status === 'ready')
  const launcher = createLauncher({ client: temporal.client, store })
  const warehouse = createWarehouse({ url: warehouseUrl, home })
  const targets = manifest.assets.filter((asset) => !isExternal(asset)).map((asset) => asset.key)
  return {
    outbox: () => store.outbox.health(scope, 'openlineage'),
    async run(force: boolean, partitions: string | null = null): Promise<void> {
      const run = newRunId()
      const queue = warehouseQueue(warehouse.id, scope)
      await launcher.startRun({
        scope,
        revision: number,
        manifest,
        selection: '*',
        targets,
        force,
        partitions,
        concurrency: 4,
        run,
        warehouseQueue: queue,
      })
      await launcher.waitForRun(scope, run)
    },
    async check(assets: readonly AssetKey[]): Promise<void> {
      const { run } = await launcher.startChecks({
        ...{ scope, revision: number, manifest, selection: assets.join(' '), targets: assets, accept: false },
        ...{ concurrency: 1, warehouseQueue: warehouseQueue(warehouse.id, scope) },
      })
      await eventually(async () => ((await store.checks.run(run))?.endedAt ?? null) !== null)
    },
    async report(): Promise<void> {
      const spec = manifest.assets.find(({ key }) => key === 'source/scores') as AssetSpec
      await reportMaterialization(
        store,
        { scope, revision: number, spec },
        {
          ...{ asset: spec.key, dataVersion: '7', rows: 5, metadata: {}, durationMs: 60_000, idempotencyKey: 'seven' },
          startedAt: '2026-02-01T06:00:00.000Z',
          checks: [{ name: 'fresh', severity: 'error', passed: true, failures: 0, message: null }],
        },
      )
    },
    async stop() {
      stop.abort()
      await working
      await warehouse.close()
    },
  }
}
