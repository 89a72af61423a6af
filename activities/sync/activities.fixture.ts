import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { onTestFinished } from 'vitest'
import {
  type AssetKey,
  type DestinationSpec,
  type Failure,
  type FieldMapping,
  type FrozenSync,
  isTraitlineError,
  type TraitlineError,
  type JsonObject,
  type Manifest,
  type Scope,
  stepWorkflows,
  type StepInput,
  type StepOutcome,
  type SyncMode,
  type SyncStreamSpec,
  type SyncRunOptions,
  type SyncSpec,
  syncModes,
} from '../../orchestrator/contract/index.ts'
import { packageRoot } from '../../orchestrator/process/index.ts'
import type { Dialect, Statement } from '../../orchestrator/sql/statement.ts'
import { syncTables } from '../../orchestrator/sql/sync-names.ts'
import { createStore, migrate, type Store, type SyncJournal } from '../../orchestrator/store/index.ts'
import { resolveConnector } from '../../connectors/driver/index.ts'
import { freshDatabase } from '../../test/harness/postgres.ts'
import { tempDir } from '../../test/harness/temp.ts'
import { toFailure } from '../runtime/index.ts'
import { createWarehouse } from '../warehouse/create-warehouse.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import type { SyncDeps } from './deps.ts'
import { createSyncActivities, type SyncActivities } from './index.ts'

const scope: Scope = { environment: 'test', project: 'shop' }
const schema = 'traitline_shop'
const syncKey: AssetKey = 'sync/to_crm'
const upstreams: readonly AssetKey[] = ['audience/loyal', 'trait/lifetime_value', 'trait/tier']

const plain = (text: string) => ({ text, parameters: [] })
const base = { description: null, group: null, owners: [], tags: {}, definedAt: null, deps: [], columns: [] }

/** What a scripted destination is told: see test/destinations/scripted.mjs. */
export type Script = JsonObject

export interface Member {
  readonly id: string | null
  readonly value: number | null
  readonly tier?: string | null
  /** Whether its user consents, in a world where that is asked for. */
  readonly accepts?: boolean | null
}

const fullMapping: readonly FieldMapping[] = [
  { field: 'customer_id', value: { type: 'key' } },
  { field: 'lifetime_value', value: { type: 'trait', trait: 'trait/lifetime_value' } },
  { field: 'tier', value: { type: 'trait', trait: 'trait/tier' } },
]

function manifestOf(
  mode: SyncMode,
  mapping: readonly FieldMapping[],
  destination: DestinationSpec,
  to: string,
  code: string,
  consent: readonly AssetKey[],
  also: readonly SyncStreamSpec[],
): Manifest {
  const trait = { ...base, kind: 'trait', entity: 'customer', codeVersion: 'c', origin: noOrigin } as const
  return {
    format: 1,
    project: 'shop',
    timeZone: 'UTC',
    asOf: null,
    schema,
    entities: [{ name: 'customer', key: { column: 'customer_id', type: 'text' }, population: null }],
    dbtProjects: [],
    destinations: [destination],
    assets: [
      // Its table is made by the tests that read its columns.
      {
        ...base,
        kind: 'source',
        key: 'source/people',
        relation: { schema, name: 'people' },
        codeVersion: 'c',
        load: null,
      },
      {
        ...base,
        kind: 'audience',
        key: 'audience/loyal',
        relation: { schema, name: 'audience_loyal' },
        codeVersion: 'c',
        entity: 'customer',
        where: { op: 'all', of: [] },
      },
      {
        ...trait,
        key: 'trait/lifetime_value',
        relation: { schema, name: 'trait_lifetime_value' },
        trait: { type: 'continuous', unit: 'USD', min: 0, max: null, precision: 2, integer: false },
      },
      {
        ...trait,
        key: 'trait/tier',
        relation: { schema, name: 'trait_tier' },
        trait: { type: 'categorical', categories: ['gold', 'silver'] },
      },
      {
        ...trait,
        key: 'trait/accepts',
        relation: { schema, name: 'trait_accepts' },
        trait: { type: 'boolean' },
      },
      {
        ...base,
        kind: 'sync',
        key: syncKey,
        relation: null,
        codeVersion: JSON.stringify([mode, mapping, code]),
        deps: [...upstreams, ...consent],
        entity: 'customer',
        from: 'audience/loyal',
        destination: destination.name,
        stream: to,
        mode,
        mapping,
        ...(also.length > 0 && { also }),
        ...(consent.length > 0 && { consent }),
      },
    ],
  }
}

function withOperations(manifest: Manifest, operations: Pick<SyncSpec, 'rejects' | 'guard' | 'log'>): Manifest {
  const assets = manifest.assets.map((spec) => (spec.kind === 'sync' ? { ...spec, ...operations } : spec))
  return { ...manifest, assets }
}

const noOrigin = { type: 'column', asset: 'model/shop/customers', column: 'x' } as const

/** The scripted destination's stream, and the Postgres destination's table. */
const stream: DestinationSpec['streams'][number] = {
  name: 'customers',
  fields: [
    { name: 'customer_id', type: 'text', required: true },
    { name: 'lifetime_value', type: 'number', required: true },
    { name: 'tier', type: 'text', required: false },
  ],
  key: ['customer_id'],
  open: false,
  modes: syncModes,
}

export interface World {
  readonly store: Store
  readonly warehouse: Warehouse
  readonly home: string
  /** What activities get. */
  deps(): SyncDeps
  readonly syncKey: AssetKey
  /** Replaces who is in the audience, and records that it was materialised. */
  source(members: readonly Member[]): Promise<void>
  script(script: Script): Promise<void>
  /** Changes the sync's definition for the runs to come. */
  define(change: {
    mode?: SyncMode
    mapping?: readonly FieldMapping[]
    /** Members of the destination's configuration beside its folder. */
    config?: JsonObject
    /** Another stream of the destination, or the same one of another name. */
    stream?: string
    /** Something that decides nothing about what is sent. */
    code?: string
    /** What the sync says of rejected rows, removals and its log. */
    operations?: Pick<SyncSpec, 'rejects' | 'guard' | 'log'>
  }): void
  /** Moves the clock of the runs to come. */
  later(minutes: number): void
  /** Another DuckDB file as the warehouse, with the same tables; without a name the first one again. */
  useWarehouse(name?: string): Promise<void>
  /** What the scripted destination applied, in order. */
  applied(): Promise<{ operation: string; key: string; data: JsonObject }[]>
  /** The rows that the scripted destination holds by key, as what it applied left them. */
  destination(): Promise<Record<string, JsonObject>>
  /** One run as its workflow does it; `attempts` of sending as Temporal would make them. */
  run(options?: RunOptions): Promise<SyncResult>
  begin(force?: boolean, sync?: SyncRunOptions): Promise<Steps>
  delivered(): Promise<string[]>
  /** Rows that were not taken: `b rejected code x2`. */
  excepted(): Promise<string[]>
  spools(): Promise<string[]>
}

export interface RunOptions {
  readonly attempts?: number
  readonly force?: boolean
  /** What is asked of the sync. */
  readonly sync?: SyncRunOptions
}

export interface SyncResult {
  readonly run: string
  readonly frozen: FrozenSync
  readonly outcome: StepOutcome | null
  readonly failure: Failure | null
  readonly summary: string | null
}

/** A run's activities one by one, for tests that stop between them. */
export interface Steps {
  readonly input: StepInput
  freeze(): Promise<FrozenSync>
  send(frozen: FrozenSync, environment?: MockActivityEnvironment): Promise<void>
  settle(frozen: FrozenSync, failure?: Failure | null): Promise<StepOutcome>
}

export async function syncWorld(options: {
  readonly dialect?: Dialect
  readonly mode: SyncMode
  readonly mapping?: readonly FieldMapping[]
  readonly destination?: DestinationSpec
  readonly secrets?: Readonly<Record<string, string>>
  /** The destination needs consent. */
  readonly consent?: true
  /** Other streams that each row goes to. */
  readonly also?: readonly SyncStreamSpec[]
  /** Puts something between the activities and the journal. */
  readonly journal?: (journal: SyncJournal) => SyncJournal
}): Promise<World> {
  const home = await tempDir()
  const folder = join(home, 'destination')
  await mkdir(folder)
  await writeFile(join(folder, 'script.json'), JSON.stringify({ idempotent: true }))
  const database = await freshDatabase()
  await migrate(database.url)
  const store = createStore({ url: database.url, poolSize: 4 })
  const warehouseUrl = (name: string): string =>
    options.dialect === 'postgres' ? database.url : `duckdb:${join(home, `${name}.duckdb`)}`
  const firstWarehouse = createWarehouse({ url: warehouseUrl('shop'), home })
  const warehouses = new Map<string, Warehouse>([['shop', firstWarehouse]])
  let warehouse = firstWarehouse
  onTestFinished(async () => {
    for (const each of warehouses.values()) await each.close()
    await store.close()
    await database.drop()
  })

  let destination: DestinationSpec = options.destination ?? {
    name: 'crm',
    connector: {
      type: 'command',
      command: [process.execPath, join(packageRoot(), 'test/destinations/scripted.mjs')],
    },
    config: { folder },
    streams: [stream, { ...stream, name: 'people' }],
    definedAt: null,
  }
  let { mode } = options
  let mapping = options.mapping ?? fullMapping
  let to = 'customers'
  let code = ''
  let operations: Pick<SyncSpec, 'rejects' | 'guard' | 'log'> = {}
  let passed = 0
  let runs = 0
  const manifest = (): Manifest =>
    withOperations(
      manifestOf(
        mode,
        mapping,
        destination,
        to,
        code,
        options.consent === true ? ['trait/accepts'] : [],
        options.also ?? [],
      ),
      operations,
    )
  await store.assets.register(scope, manifest().assets)

  const deps = (): SyncDeps => ({
    warehouse,
    store: { ...store, syncs: options.journal?.(store.syncs) ?? store.syncs },
    manifests: () => Promise.resolve(manifest()),
    home,
    projectDir: () => home,
    secrets: (name) => options.secrets?.[name],
    resolveConnector: (ref, context) => resolveConnector(ref, { home, env: { PATH: '/usr/bin:/bin' }, ...context }),
    clock: () => new Date(Date.now() + passed * 60_000),
    userCode: () => Promise.reject(new Error('no code here')),
    idleTimeoutMs: 10_000,
  })
  const activities = (): SyncActivities => createSyncActivities(deps())

  async function newRun(key: AssetKey, force = false, sync: SyncRunOptions | null = null): Promise<StepInput> {
    const run = `run-${++runs}`
    const reasons = [{ type: 'never_materialized' as const }]
    const step = { id: key, workflow: stepWorkflows.sync, assets: [{ key, reasons, deps: [] }], after: [] }
    await store.runs.create({ scope, run, revision: 1, selection: key, targets: [key], force, sync })
    await store.runs.savePlan(run, { steps: [step], fresh: [] })
    return { ...scope, run, revision: 1, warehouseQueue: 'w', force, step }
  }

  const materialised = async (): Promise<void> => {
    for (const asset of [...upstreams, 'trait/accepts' as const]) {
      await store.assets.recordMaterialization(
        await newRun(asset),
        {
          asset,
          codeVersion: 'c',
          dataVersion: `v${runs}`,
          upstream: {},
          warehouse: await warehouse.identity(),
          rows: null,
          startedAt: new Date().toISOString(),
          durationMs: 1,
          statistics: [],
          checks: [],
          metadata: {},
        },
        null,
      )
    }
  }

  const number = warehouse.dialect === 'duckdb' ? 'double' : 'double precision'
  const createTables = (): Promise<unknown> =>
    warehouse.transaction([
      plain(`create schema if not exists ${schema}`),
      plain(`create table ${schema}.audience_loyal (customer_id text)`),
      plain(`create table ${schema}.trait_lifetime_value (customer_id text, lifetime_value ${number})`),
      plain(`create table ${schema}.trait_tier (customer_id text, tier text)`),
      plain(`create table ${schema}.trait_accepts (customer_id text, accepts boolean)`),
    ])
  await createTables()

  const begin = async (force = false, sync?: SyncRunOptions): Promise<Steps> => {
    const input = await newRun(syncKey, force, sync)
    // A new process each time: nothing is remembered between attempts.
    const call = <T>(work: (all: SyncActivities) => Promise<T>, environment = quietEnvironment()): Promise<T> =>
      environment.run<[], T, () => Promise<T>>(() => work(activities()))
    return {
      input,
      freeze: () => call((all) => all.freezeSync(input)),
      send: (frozen, environment) => call((all) => all.sendSync({ ...input, frozen }), environment),
      settle: (frozen, failure = null) => call((all) => all.settleSync({ ...input, frozen, failure })),
    }
  }

  return {
    store,
    deps,
    get warehouse() {
      return warehouse
    },
    home,
    syncKey,
    async useWarehouse(name = 'shop') {
      const known = warehouses.get(name)
      warehouse = known ?? createWarehouse({ url: warehouseUrl(name), home })
      warehouses.set(name, warehouse)
      if (known === undefined) await createTables()
    },
    async source(members) {
      const byId = [...new Map(members.map((member) => [member.id, member])).values()]
      await warehouse.transaction([
        ...['audience_loyal', 'trait_lifetime_value', 'trait_tier', 'trait_accepts'].map((name) =>
          plain(`delete from ${schema}.${name}`),
        ),
        ...insertAll(
          'audience_loyal',
          members.map(({ id }) => [id]),
        ),
        ...insertAll(
          'trait_lifetime_value',
          byId.map(({ id, value }) => [id, value === null ? null : String(value)]),
          number,
        ),
        ...insertAll(
          'trait_tier',
          byId.map(({ id, tier }) => [id, tier ?? null]),
        ),
        ...insertAll(
          'trait_accepts',
          byId.map(({ id, accepts }) => [id, accepts == null ? null : String(accepts)]),
          'boolean',
        ),
      ])
      await materialised()
    },
    later: (minutes) => void (passed += minutes),
    script: (script) => writeFile(join(folder, 'script.json'), JSON.stringify(script)),
    define(change) {
      mode = change.mode ?? mode
      mapping = change.mapping ?? mapping
      to = change.stream ?? to
      code = change.code ?? code
      operations = change.operations ?? operations
      if (change.config !== undefined) destination = { ...destination, config: { folder, ...change.config } }
    },
    applied,
    async destination() {
      const rows = new Map<string, JsonObject>()
      for (const { operation, key, data } of await applied()) {
        if (operation === 'delete' || operation === 'remove') rows.delete(key)
        else rows.set(key, data)
      }
      return Object.fromEntries([...rows].sort(([a], [b]) => (a < b ? -1 : 1)))
    },
    async run({ attempts = 3, force = false, sync } = {}) {
      const steps = await begin(force, sync)
      const { run } = steps.input
      const result = { run, outcome: null, failure: null, summary: null }
      let frozen: FrozenSync = { fresh: true, syncRun: '', batches: 0 }
      try {
        frozen = await steps.freeze()
        if (frozen.fresh) {
          await store.assets.recordOutcomes(scope, run, [{ asset: syncKey, status: 'fresh' }])
          return { ...result, frozen, outcome: { assets: [{ asset: syncKey, status: 'fresh' }] } }
        }
        for (let attempt = 1; ; attempt++) {
          try {
            await steps.send(frozen)
            break
          } catch (error) {
            if (attempt < attempts && isTraitlineError(error) && mayTryAgain(error)) continue
            await steps.settle(frozen, toFailure(error))
            throw error
          }
        }
        const outcome = await steps.settle(frozen)
        const [settled] = outcome.assets
        return { ...result, frozen, outcome, summary: settled?.status === 'materialized' ? settled.summary : null }
      } catch (error) {
        const failure = toFailure(error)
        await store.assets.recordOutcomes(scope, run, [{ asset: syncKey, status: 'failed', failure }])
        return { ...result, frozen, failure }
      }
    },
    begin,
    async excepted() {
      const { excepted } = syncTables(schema, 'to_crm')
      const text = `select key, fate, code, attempts from ${excepted.schema}.${excepted.name} order by key`
      const rows = await warehouse.query(plain(text))
      return rows.map((row) => `${row['key']} ${row['fate']} ${row['code']} x${row['attempts']}`)
    },
    async delivered() {
      const { delivered } = syncTables(schema, 'to_crm')
      const rows = await warehouse.query(
        plain(`select key, operation from ${delivered.schema}.${delivered.name} order by key`),
      )
      return rows.map(({ key, operation }) => `${String(key)} ${String(operation)}`)
    },
    spools: () => readdir(join(home, 'spool')).catch(() => []),
  }

  async function applied(): Promise<{ operation: string; key: string; data: JsonObject }[]> {
    await appendFile(join(folder, 'applied.jsonl'), '')
    const text = await readFile(join(folder, 'applied.jsonl'), 'utf8')
    return text
      .split('\n')
      .filter((line) => line !== '')
      .flatMap((line) => (JSON.parse(line) as { rows: { operation: string; key: string; data: JsonObject }[] }).rows)
  }
}

/** What fails is told by its error: the log has nothing to add. */
export function quietEnvironment(): MockActivityEnvironment {
  return new MockActivityEnvironment(undefined, { logger: new DefaultLogger('ERROR') })
}

/** Rows of texts; the last column is cast to `type`. */
function insertAll(table: string, rows: readonly (readonly (string | null)[])[], type = 'text'): Statement[] {
  const statements: Statement[] = []
  for (let start = 0; start < rows.length; start += 500) {
    const some = rows.slice(start, start + 500)
    let count = 0
    const cells = (row: readonly unknown[]): string =>
      row.map((_, index) => `cast(cast($${++count} as text) as ${index === row.length - 1 ? type : 'text'})`).join(', ')
    statements.push({
      text: `insert into ${schema}.${table} values ${some.map((row) => `(${cells(row)})`).join(', ')}`,
      parameters: some.flat(),
    })
  }
  return statements
}

/** As Temporal decides it. */
function mayTryAgain({ blame, final }: TraitlineError): boolean {
  return !final && blame !== 'user' && blame !== 'config'
}
