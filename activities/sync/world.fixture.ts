import type { SyncMode, SyncRequest } from '../../orchestrator/contract/index.ts'
import type { Engine } from '../../orchestrator/sql/sync.engines.fixture.ts'
import { type DesiredSet } from '../../orchestrator/sql/sync-desired.ts'
import { freezeSync, frozenRows } from '../../orchestrator/sql/sync-freeze.ts'
import { countFrozen, prepareSync, readLedger } from '../../orchestrator/sql/sync-ledger.ts'
import {
  type BatchEnd,
  cleanMerge,
  copyBatches,
  copyExceptions,
  countFates,
  fenceMerge,
  mergeSync,
  prepareMerge,
  type RowEnd,
} from '../../orchestrator/sql/sync-merge.ts'
import type { Statement } from '../../orchestrator/sql/statement.ts'
import { syncTables } from '../../orchestrator/sql/sync-names.ts'
import { modes } from './modes.ts'

const plain = (text: string) => ({ text, parameters: [] })

/** One key's row of the source. A null key or the same key twice are told from what should be there. */
export interface SourceRow {
  readonly key: string | null
  readonly value: string | null
  readonly score?: number | null
}

export interface FrozenRow {
  readonly ordinal: number
  readonly batch: number
  readonly operation: string
  readonly key: string
  readonly value: string | null
}

interface Frozen {
  readonly syncRun: string
  readonly rows: readonly FrozenRow[]
}

interface Journal {
  readonly batches?: readonly BatchEnd[]
  readonly exceptions?: readonly RowEnd[]
}

/** A sync on a bare engine, from nothing: what the activities do in the warehouse, without them. */
export async function syncWorld(engine: Engine) {
  const tables = syncTables('traitline_test', 'to_crm')
  const { dialect } = engine
  const desired: DesiredSet = {
    from: { schema: 'src', name: 'members' },
    key: 'id',
    columns: [
      { name: 'value', type: 'text', decimals: null, relation: { schema: 'src', name: 'traits' } },
      { name: 'score', type: 'number', decimals: 2, relation: null },
    ],
  }
  await engine.transaction([
    plain('drop schema if exists src cascade'),
    plain(`drop schema if exists ${tables.schema} cascade`),
    plain('create schema src'),
    plain('create table src.members (id text, score double precision)'),
    plain('create table src.traits (id text, value text)'),
  ])
  await engine.transaction(prepareSync(tables, dialect))

  let runs = 0
  return {
    tables,
    desired,
    async source(rows: readonly SourceRow[]) {
      await engine.transaction([
        plain('delete from src.members'),
        plain('delete from src.traits'),
        ...rows.map(({ key, score }) => ({
          text: 'insert into src.members values (cast($1 as text), cast($2 as double precision))',
          parameters: [key, score === undefined || score === null ? null : String(score)],
        })),
        ...[...new Map(rows.map((row) => [row.key, row.value]))].map(([key, value]) => ({
          text: 'insert into src.traits values (cast($1 as text), cast($2 as text))',
          parameters: [key, value],
        })),
      ])
    },
    async freeze(
      mode: SyncMode,
      options: {
        mapping?: string
        rows?: number
        bytes?: number
        replaces?: string
        request?: SyncRequest
        order?: 'asc' | 'desc'
      } = {},
    ) {
      const syncRun = `run-${++runs}`
      const ledger = (await engine.query(readLedger(tables)))[0]
      await engine.transaction(
        freezeSync({
          tables,
          dialect,
          desired:
            options.order === undefined
              ? desired
              : { ...desired, pick: { name: 'score', relation: null, order: options.order } },
          mode,
          rules: modes[mode].rules,
          limits: { rows: options.rows ?? 3, bytes: options.bytes ?? 1_000_000 },
          mapping: options.mapping ?? 'm1',
          syncRun,
          upstream: '{}',
          replaces: options.replaces ?? ((ledger?.['frozen_run'] ?? null) as string | null),
          ...(options.request !== undefined && { request: options.request }),
          target: { print: 'crm', place: 'members of crm' },
        }),
      )
      const counts = (await engine.query(countFrozen(tables)))[0] as Record<string, unknown>
      const rows = (await engine.query(frozenRows(tables, desired))).map((row): FrozenRow => ({
        ordinal: Number(row['_ordinal']),
        batch: Number(row['_batch']),
        operation: String(row['_operation']),
        key: String(row['_key']),
        value: row['value'] as string | null,
      }))
      return { syncRun, counts, rows }
    },
    /** Merges what a journal could say; without `batches` every batch was acknowledged. */
    async merge(frozen: Frozen, journal: Journal = {}) {
      const { copyBatches, copyExceptions, end } = this.merging(frozen, journal)
      await copyBatches()
      await copyExceptions()
      return end()
    },
    /** The transactions of a merge one by one, of the writer of this epoch. */
    merging(frozen: Frozen, { batches, exceptions = [] }: Journal = {}, epoch = 1) {
      const all = [...new Set(frozen.rows.map((row) => row.batch))]
      const ends = batches ?? all.map((batch) => ({ batch, state: 'acknowledged' as const }))
      const { syncRun } = frozen
      const transact = (statements: readonly Statement[]) =>
        engine.transaction([fenceMerge({ tables, dialect, syncRun, epoch }), ...statements])
      return {
        copyBatches: () => transact([...prepareMerge(tables, dialect), ...copyBatches(tables, dialect, ends)]),
        copyExceptions: () => transact(copyExceptions(tables, dialect, exceptions)),
        async end() {
          await transact(mergeSync({ tables, dialect, syncRun, deliveredAt: '2026-01-02T03:04:05.678Z' }))
          const fates = await engine.query(countFates(tables))
          await transact(cleanMerge(tables))
          return Object.fromEntries(fates.map((row) => [`${row['operation']} ${row['fate']}`, Number(row['rows'])]))
        },
      }
    },
    async delivered() {
      const rows = await engine.query(
        plain(
          `select key, operation, hash is null as bare from ${tables.schema}.${tables.delivered.name} order by key`,
        ),
      )
      return rows.map((row) => `${row['key']} ${row['operation']}${row['bare'] === true ? ' (no hash)' : ''}`)
    },
  }
}
