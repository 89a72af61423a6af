import type { SyncBatchRow, SyncRunRow } from '../../orchestrator/store/store.ts'
import type { Row } from '../warehouse/warehouse.ts'

/**
 * What a sync whose mode compares nothing sends. One round sends every row of what there is to read, however many runs
 * it takes.
 */
export type Round =
  /** There is something new to read: every row. */
  | { readonly type: 'new' }
  /** Rows were frozen, but no sync run was begun with them. */
  | { readonly type: 'begin'; readonly syncRun: string }
  /** A run that failed or was cancelled left batches without an answer. */
  | { readonly type: 'resume'; readonly syncRun: string }
  /** All was sent: nothing but what is asked for again. */
  | { readonly type: 'over' }

/** What decides it: what is frozen in the warehouse, and what would be frozen now. */
export interface RoundInput {
  readonly ledger: Row
  /** The sync run of what is frozen, and its batches; null if the journal has none. */
  readonly last: { readonly run: SyncRunRow; readonly batches: readonly SyncBatchRow[] } | null
  readonly mode: string
  readonly mapping: string
  readonly upstream: Readonly<Record<string, string>>
  /** Forced, or it goes elsewhere now. */
  readonly anew: boolean
}

export function roundOf({ ledger, last, mode, mapping, upstream, anew }: RoundInput): Round {
  const syncRun = ledger['frozen_run']
  const same =
    !anew &&
    typeof syncRun === 'string' &&
    (ledger['frozen_mode'] ?? last?.run.mode) === mode &&
    ledger['frozen_mapping'] === mapping &&
    sameVersions(JSON.parse(String(ledger['frozen_upstream'] ?? '{}')) as Record<string, string>, upstream)
  if (!same) return { type: 'new' }
  if (last === null) return { type: 'begin', syncRun }
  const answered = last.batches.filter(({ state }) => state !== 'intent').length
  return answered < last.run.batches ? { type: 'resume', syncRun } : { type: 'over' }
}

function sameVersions(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].every((key) => a[key] === b[key])
}
