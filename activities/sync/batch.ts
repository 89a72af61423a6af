import { createHash } from 'node:crypto'
import type { SyncException, SyncRunRow } from '../../orchestrator/store/store.ts'
import type { SyncOperation } from '../../orchestrator/sql/sync-compare.ts'
import type { JsonData, WrittenRecord } from '../../connectors/protocol/index.ts'
import { keyAlone, streamName } from './catalog.ts'
import { compileMapping } from './mapping/render.ts'
import type { SpooledRow } from './mapping/value.ts'
import { modes } from './modes.ts'
import { streamsOf, type SyncSetup } from './setup.ts'

/** Hashed at a time: a call for each row costs more than the hashing. */
const hashChars = 64 * 1024

/** Rows as they leave, and those that could not be rendered and stay. */
export interface RenderedRows {
  /** Those of the sync's own stream, then those of each other stream, in the order of the rows. */
  readonly records: readonly WrittenRecord[]
  /** Of each record, its row's ordinal. */
  readonly ordinals: readonly number[]
  /** How many of the records are of the sync's own stream. */
  readonly own: number
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
  const facts = { run, syncedAt: new Date(emittedAt).toISOString() }
  const gone = modes[setup.spec.mode].rules.removed
  const [own, ...also] = streamsOf(setup).map((stream) =>
    compileStream(stream, facts, stream === setup ? null : { gone }),
  )
  return (rows) => {
    const rejected: SyncException[] = []
    const hash = createHash('sha256')
    let hashed = ''
    const made = [own, ...also].map(() => ({ records: [] as WrittenRecord[], ordinals: [] as number[] }))
    for (const row of rows) {
      const ordinal = Number(row._ordinal)
      const written = [own, ...also].map((render) => render?.(row) ?? null)
      const failed = written.find((one) => one !== null && 'rejected' in one)
      if (failed != null && 'rejected' in failed) {
        rejected.push({ ordinal, fate: 'rejected', ...failed.rejected })
        continue
      }
      written.forEach((one, index) => {
        if (one === null || 'rejected' in one) return
        hashed += `${one.operation}${one.text}\n`
        made[index]?.records.push({ stream: one.stream, data: one.data, emitted_at: emittedAt, text: one.text })
        made[index]?.ordinals.push(ordinal)
      })
      if (hashed.length > hashChars) {
        hash.update(hashed)
        hashed = ''
      }
    }
    return {
      records: made.length === 1 ? (made[0]?.records ?? []) : made.flatMap(({ records }) => records),
      ordinals: made.length === 1 ? (made[0]?.ordinals ?? []) : made.flatMap(({ ordinals }) => ordinals),
      own: made[0]?.records.length ?? 0,
      rejected,
      payloadHash: `sha256:${hash.update(hashed).digest('hex')}`,
    }
  }
}

type Written =
  | { readonly stream: string; readonly operation: string; readonly data: JsonData; readonly text: string }
  | { readonly rejected: { readonly code: string; readonly message: string } }

/**
 * Renders a row for one stream; null where the stream's mode does nothing with it. Of another stream than the sync's
 * own, `gone` is the sync's operation for rows that left.
 */
function compileStream(
  setup: SyncSetup,
  facts: { readonly run: string; readonly syncedAt: string },
  other: { readonly gone: SyncOperation | null } | null,
): (row: SpooledRow) => Written | null {
  const mapping = compileMapping(setup, facts)
  const { added, removed } = modes[setup.spec.mode].rules
  const known = new Map<string, { readonly stream: string; readonly bare: boolean }>()
  const traits = (operation: SyncOperation) => {
    const found = known.get(operation) ?? { stream: streamName(setup, operation), bare: keyAlone(setup, operation) }
    known.set(operation, found)
    return found
  }
  return (row) => {
    const sent = row._operation as SyncOperation
    const operation = other === null ? sent : sent === other.gone ? removed : added
    if (operation === null) return null
    const { stream, bare } = traits(operation)
    const rendered = bare ? mapping.key(row) : mapping.row(row)
    if ('rejected' in rendered) return rendered
    return { stream, operation, data: rendered.data, text: JSON.stringify(rendered.data) }
  }
}
