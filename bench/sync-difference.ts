/**
 * What a sync costs before anything is sent, on DuckDB: comparing and freezing when 1 % each of 25 million users of five
 * traits is new, changed and gone, hashing included, beside the bare outer join on a hash that is stored; and for a
 * million users of whom all are new, freezing, spooling, rendering and merging. Prints one line of JSON; times in
 * milliseconds, memory in MB at its peak.
 */
import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rowRenderer } from '../activities/sync/batch.ts'
import { modes } from '../activities/sync/modes.ts'
import { readBatches, spoolPath, writeSpool } from '../activities/sync/spool.ts'
import { createWarehouse } from '../activities/warehouse/create-warehouse.ts'
import { desiredRows, rowHash } from '../orchestrator/sql/sync-desired.ts'
import { syncDialects } from '../orchestrator/sql/sync-dialect.ts'
import { freezeSync } from '../orchestrator/sql/sync-freeze.ts'
import { prepareSync } from '../orchestrator/sql/sync-ledger.ts'
import { copyBatches, mergeSync, prepareMerge } from '../orchestrator/sql/sync-merge.ts'
import { quoteTable } from '../orchestrator/sql/sync-quote.ts'
import { usersManifest, usersSchema, usersSync } from './parts/users.ts'

const users = Number(process.env['BENCH_USERS'] ?? 25_000_000)
const firstUsers = Math.min(users, 1_000_000)
const schema = usersSchema
const manifest = usersManifest(
  'mirror',
  {
    name: 'crm',
    connector: { type: 'builtin', name: 'postgres' },
    config: {},
    streams: [{ name: 'users', fields: [], key: ['user_id'], open: true, modes: ['mirror'] }],
    definedAt: null,
  },
  { churn: { type: 'continuous', unit: null, min: 0, max: 1, precision: 6, integer: false } },
)

const home = await mkdtemp(join(tmpdir(), 'traitline-bench-'))
const warehouse = createWarehouse({ url: `duckdb:${join(home, 'bench.duckdb')}`, home })
const setup = usersSync(manifest)
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

const members = (n: number): string =>
  `select printf('user-%09d', i) as user_id, (i * 7919 % 100000) / 100.0::double as lifetime_value, i % 7 as orders,
     ['gold', 'silver', 'bronze'][1 + i % 3] as tier, i % 2 = 0 as repeat_buyer, (hash(i) % 1000000) / 1e6::double as churn
   from range(${n}) r(i) order by hash(i)`

/** Of the warehouse's own process, at its peak. */
async function warehouseMemory(): Promise<number> {
  const children = execFileSync('pgrep', ['-P', String(process.pid)], { encoding: 'utf8' })
    .trim()
    .split('\n')
  const peaks = await Promise.all(
    children.map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
      return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
    }),
  )
  return Math.round(Math.max(...peaks))
}

/** All rows are new. */
async function first(): Promise<Record<string, number>> {
  await run(`create schema if not exists ${schema}`, `create table ${schema}.user_model_user as ${members(firstUsers)}`)
  await warehouse.transaction(prepareSync(tables, 'duckdb'))
  const frozen = await freeze('first', null)
  const spool = await timed(() => writeSpool({ warehouse, home }, setup, 'first', signal))
  let rows = 0
  const render = rowRenderer(setup, { run: 'run', startedAt: new Date(0).toISOString() })
  const rendered = await timed(async () => {
    for await (const batch of readBatches(spoolPath(home, 'first'), [])) rows += render(batch.rows).records.length
  })
  const merge = await timed(async () => {
    const ends = Array.from({ length: firstUsers / 5_000 + 1 }, (_, index) => ({
      batch: index + 1,
      state: 'acknowledged' as const,
    }))
    await warehouse.transaction([...prepareMerge(tables, 'duckdb'), ...copyBatches(tables, 'duckdb', ends)])
    await warehouse.transaction(
      mergeSync({ tables, dialect: 'duckdb', syncRun: 'first', deliveredAt: new Date().toISOString() }),
    )
  })
  return { frozen, spool, rendered, merge, rows }
}

/** Of what was delivered, 1 % is gone, 1 % changed, and 1 % is new. */
async function next(): Promise<Record<string, number>> {
  const table = `${schema}.user_model_user`
  const hash = rowHash(desired.columns, `cast('${setup.mappingVersion}' as varchar)`, 'r', syncDialects.duckdb)
  await run(
    `create or replace table ${table} as ${members(users)}`,
    `delete from ${quoteTable(tables.delivered)}`,
    `insert into ${quoteTable(tables.delivered)} select _key, ${hash}, 'upsert', 'first', now() from
       (${desiredRows(desired, syncDialects.duckdb)}) r where hash(_key) % 100 <> 1 order by hash(_key, 1)`,
    `update ${table} set orders = orders + 1 where hash(user_id) % 100 = 2`,
    `delete from ${table} where hash(user_id) % 100 = 3`,
  )
  const times: Record<string, number>[] = []
  let frozen = 'first'
  // In turns, so that both meet the same cache; the first turn only warms it.
  for (const turn of ['warm', 'one', 'two', 'three']) {
    const freezing = await freeze(turn, frozen)
    frozen = turn
    await run(
      `create or replace table stored as select _key as key, ${hash} as hash from (${desiredRows(desired, syncDialects.duckdb)}) r`,
    )
    const bareJoin = await timed(() =>
      run(
        `create or replace temp table counted as select count(*) filter (where d.key is null) as added,
           count(*) filter (where s.key is null) as removed, count(*) filter (where d.hash is distinct from s.hash) as changed
         from stored s full outer join ${quoteTable(tables.delivered)} d on d.key = s.key`,
      ),
    )
    times.push({ freezing, bareJoin })
  }
  const best = (name: string): number => Math.min(...times.slice(1).map((one) => one[name] ?? Infinity))
  const [freezing, bareJoin] = [best('freezing'), best('bareJoin')]
  return { freezing, bareJoin, ratio: +(freezing / bareJoin).toFixed(2), memory: await warehouseMemory() }
}

try {
  const result = { bench: 'sync-difference', users, firstUsers, first: await first(), next: await next() }
  process.stdout.write(`${JSON.stringify(result)}\n`)
} finally {
  await warehouse.close()
  await rm(home, { recursive: true, force: true })
}
