/**
 * What a sync costs before anything is sent, on DuckDB: comparing, freezing and spooling a million users of four
 * columns, first when all are new, then when 1 % each is new, changed and gone; beside the bare outer join on a hash
 * that is stored. Then reading the spool and rendering it. Prints one line of JSON; times in milliseconds.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rowRenderer } from '../activities/sync/batch.ts'
import { modes } from '../activities/sync/modes.ts'
import { setUpSync, type SyncSetup } from '../activities/sync/setup.ts'
import { readBatches, spoolPath, writeSpool } from '../activities/sync/spool.ts'
import { manifestIndex } from '../activities/runtime/index.ts'
import { createWarehouse } from '../activities/warehouse/create-warehouse.ts'
import type { AssetKey, Manifest, TraitSpec, TraitType } from '../orchestrator/contract/index.ts'
import { desiredRows, rowHash } from '../orchestrator/sql/sync-desired.ts'
import { syncDialects } from '../orchestrator/sql/sync-dialect.ts'
import { freezeSync } from '../orchestrator/sql/sync-freeze.ts'
import { prepareSync } from '../orchestrator/sql/sync-ledger.ts'
import { copyBatches, mergeSync, prepareMerge } from '../orchestrator/sql/sync-merge.ts'
import { quoteTable } from '../orchestrator/sql/sync-quote.ts'

const users = 1_000_000
const schema = 'traitline_bench'
const base = { description: null, group: null, owners: [], tags: {}, definedAt: null, columns: [], codeVersion: 'v1' }
const types: Readonly<Record<string, TraitType>> = {
  lifetime_value: { type: 'continuous', unit: null, min: 0, max: null, precision: 2, integer: false },
  orders: { type: 'continuous', unit: null, min: 0, max: null, precision: 0, integer: true },
  tier: { type: 'categorical', categories: ['gold', 'silver', 'bronze'] },
  repeat_buyer: { type: 'boolean' },
}
const traits = Object.entries(types).map(([name, trait]): TraitSpec => ({
  ...base,
  kind: 'trait',
  key: `trait/${name}`,
  deps: [],
  relation: { schema, name: `trait_${name}` },
  entity: 'user',
  trait,
  origin: { type: 'column', asset: 'model/bench/users', column: name },
}))
const keys = traits.map(({ key }): AssetKey => key)
const manifest: Manifest = {
  format: 1,
  project: 'bench',
  timeZone: 'UTC',
  asOf: null,
  schema,
  entities: [{ name: 'user', key: { column: 'user_id', type: 'text' }, population: null }],
  dbtProjects: [],
  destinations: [
    {
      name: 'crm',
      connector: { type: 'builtin', name: 'postgres' },
      config: {},
      streams: [{ name: 'users', fields: [], key: ['user_id'], open: true, modes: ['mirror'] }],
      definedAt: null,
    },
  ],
  assets: [
    ...traits,
    {
      ...base,
      kind: 'user_model',
      key: 'user_model/user',
      deps: keys,
      relation: { schema, name: 'user_model_user' },
      entity: 'user',
      traits: keys,
    },
    {
      ...base,
      kind: 'sync',
      key: 'sync/users',
      deps: ['user_model/user', ...keys],
      relation: null,
      entity: 'user',
      from: 'user_model/user',
      destination: 'crm',
      stream: 'users',
      mode: 'mirror',
      mapping: [
        { field: 'user_id', value: { type: 'key' } },
        ...traits.map(({ key }) => ({
          field: key.slice('trait/'.length),
          value: { type: 'trait' as const, trait: key },
        })),
      ],
    },
  ],
}

const home = await mkdtemp(join(tmpdir(), 'traitline-bench-'))
const warehouse = createWarehouse({ url: `duckdb:${join(home, 'bench.duckdb')}`, home })
const setup: SyncSetup = setUpSync(manifestIndex(manifest), 'sync/users')
const { tables, desired } = setup
const { signal } = new AbortController()
const run = (...texts: string[]): Promise<number[]> =>
  warehouse.transaction(texts.map((text) => ({ text, parameters: [] })))

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return Math.round(performance.now() - start)
}

function freeze(syncRun: string, replaces: string | null): Promise<number> {
  return timed(() =>
    warehouse.transaction(
      freezeSync({
        tables,
        dialect: 'duckdb',
        desired,
        mode: 'mirror',
        rules: modes.mirror.rules,
        limits: { rows: 5_000, bytes: 8 * 1024 * 1024 },
        mapping: setup.mappingVersion,
        syncRun,
        upstream: '{}',
        replaces,
        target: { print: 'bench', place: 'bench' },
      }),
    ),
  )
}

async function sourceWithout(part: string): Promise<void> {
  await run(
    `create schema if not exists ${schema}`,
    `create or replace table ${schema}.user_model_user as
     select printf('user-%09d', i) as user_id, (i * 7919 % 100000) / 100.0::double as lifetime_value,
       i % 7 as orders, ['gold', 'silver', 'bronze'][1 + i % 3] as tier, i % 2 = 0 as repeat_buyer
     from range(${users + users / 100}) r(i) where ${part} order by hash(i)`,
  )
}

try {
  await sourceWithout(`i < ${users}`)
  await warehouse.transaction(prepareSync(tables, 'duckdb'))
  const first = await freeze('first', null)
  const spool = await timed(() => writeSpool({ warehouse, home }, setup, 'first', signal))
  let rows = 0
  const render = rowRenderer(setup, 0)
  const rendered = await timed(async () => {
    for await (const batch of readBatches(spoolPath(home, 'first'), [])) rows += render(batch.rows).records.length
  })
  const merge = await timed(async () => {
    const ends = Array.from({ length: users / 5_000 + 1 }, (_, index) => ({
      batch: index + 1,
      state: 'acknowledged' as const,
    }))
    await warehouse.transaction([...prepareMerge(tables, 'duckdb'), ...copyBatches(tables, 'duckdb', ends)])
    await warehouse.transaction(
      mergeSync({ tables, dialect: 'duckdb', syncRun: 'first', deliveredAt: new Date().toISOString() }),
    )
  })

  // 1 % are gone, 1 % new, 1 % changed.
  await sourceWithout(`i >= ${users / 100}`)
  await run(`update ${schema}.user_model_user set orders = orders + 1 where user_id like '%00'`)
  const next = await freeze('next', 'first')

  const hash = rowHash(desired.columns, `'v'`, 'r', syncDialects.duckdb)
  await run(
    `create table stored as select _key as key, ${hash} as hash from (${desiredRows(desired, syncDialects.duckdb)}) r`,
  )
  const bareJoin = await timed(() =>
    run(
      `create temp table counted as select count(*) filter (where d.key is null) as added,
         count(*) filter (where s.key is null) as removed, count(*) filter (where d.hash is distinct from s.hash) as changed
       from stored s full outer join ${quoteTable(tables.delivered)} d on d.key = s.key`,
    ),
  )
  const result = { bench: 'sync-difference', users, first, spool, rendered, merge, next, bareJoin }
  process.stdout.write(`${JSON.stringify({ ...result, ratio: +(next / bareJoin).toFixed(2), rows })}\n`)
} finally {
  await warehouse.close()
  await rm(home, { recursive: true, force: true })
}
