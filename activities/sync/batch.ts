import { createHash } from 'node:crypto'
import type { SyncException, SyncRunRow } from '../../orchestrator/store/store.ts'
import { syncOperations, type SyncOperation } from '../../orchestrator/sql/sync-compare.ts'
import type { WrittenRecord } from '../../connectors/protocol/index.ts'
import { keyAlone, streamName } from './catalog.ts'
import { compileMapping } from './mapping/render.ts'
import type { SpooledRow } from './mapping/value.ts'
import type { SyncSetup } from './setup.ts'

/** Hashed at a time: a call for each row costs more than the hashing. */
const hashChars = 64 * 1024

/** Rows as they leave, and those that could not be rendered and stay. */
export interface RenderedRows {
  readonly records: readonly WrittenRecord[]
  /** Of each record, its row's ordinal. */
  readonly ordinals: readonly number[]
  readonly rejected: readonly SyncException[]
  /** Of operations and data, with the algorithm's name. */
  readonly payloadHash: string
}

/** Renders rows by the sync's mapping, which is compiled once. All attempts render the same: times are the sync run's. */
export function rowRenderer(
  setup: SyncSetup,
  { run, startedAt }: Pick<SyncRunRow, 'run' | 'startedAt'>,
): (rows: readonly SpooledRow[]) => RenderedRows {
  const emittedAt = Date.parse(startedAt)
  const mapping = compileMapping(setup, { run, syncedAt: new Date(emittedAt).toISOString() })
  const bare = new Set<string>(syncOperations.filter((operation) => keyAlone(setup, operation)))
  const names = new Map<string, string>()
  const nameOf = (operation: string): string => {
    const known = names.get(operation) ?? streamName(setup, operation as SyncOperation)
    names.set(operation, known)
    return known
  }
  return (rows) => {
    const records: WrittenRecord[] = []
    const ordinals: number[] = []
    const rejected: SyncException[] = []
    const hash = createHash('sha256')
    let hashed = ''
    for (const row of rows) {
      const ordinal = Number(row._ordinal)
      const rendered = bare.has(row._operation) ? mapping.key(row) : mapping.row(row)
      if ('rejected' in rendered) {
        rejected.push({ ordinal, fate: 'rejected', ...rendered.rejected })
        continue
      }
      const text = JSON.stringify(rendered.data)
      hashed += `${row._operation}${text}\n`
      if (hashed.length > hashChars) {
        hash.update(hashed)
        hashed = ''
      }
      records.push({ stream: nameOf(row._operation), data: rendered.data, emitted_at: emittedAt, text })
      ordinals.push(ordinal)
    }
    return { records, ordinals, rejected, payloadHash: `sha256:${hash.update(hashed).digest('hex')}` }
  }
}
