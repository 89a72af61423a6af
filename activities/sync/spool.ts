import { createReadStream } from 'node:fs'
import { access, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { TraitlineError } from '../../orchestrator/contract/index.ts'
import { privateDir } from '../../orchestrator/process/index.ts'
import { frozenRows } from '../../orchestrator/sql/sync-freeze.ts'
import { LineSplitter } from '../../connectors/protocol/index.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import type { SpooledRow } from './mapping/value.ts'
import type { SyncSetup } from './setup.ts'

/** The rows of one batch, in order. */
export interface SpooledBatch {
  readonly batch: number
  readonly firstOrdinal: number
  readonly lastOrdinal: number
  readonly rows: readonly SpooledRow[]
}

/** Ordinals from and to, both included. */
export interface OrdinalRange {
  readonly firstOrdinal: number
  readonly lastOrdinal: number
}

export function spoolPath(home: string, syncRun: string): string {
  return join(home, 'spool', `${syncRun}.jsonl`)
}

export async function hasSpool(home: string, syncRun: string): Promise<boolean> {
  return access(spoolPath(home, syncRun)).then(
    () => true,
    () => false,
  )
}

/** Writes the frozen rows aside and renames: the file is whole or missing. */
export async function writeSpool(
  { warehouse, home }: { readonly warehouse: Warehouse; readonly home: string },
  setup: SyncSetup,
  syncRun: string,
  signal: AbortSignal,
): Promise<void> {
  await privateDir(join(home, 'spool'))
  const path = spoolPath(home, syncRun)
  const aside = `${path}.part`
  await rm(aside, { force: true })
  await warehouse.exportJsonLines(frozenRows(setup.tables, setup.desired), aside, { signal })
  await rename(aside, path)
}

export async function removeSpool(home: string, syncRun: string): Promise<void> {
  const path = spoolPath(home, syncRun)
  await Promise.all([rm(path, { force: true }), rm(`${path}.part`, { force: true })])
}

/** The batches of a spool in order, one in memory at a time, without the rows of `skip` (ranges in order). */
export async function* readBatches(path: string, skip: readonly OrdinalRange[]): AsyncGenerator<SpooledBatch> {
  let passed = 0
  const wanted = (ordinal: number): boolean => {
    while ((skip[passed]?.lastOrdinal ?? Infinity) < ordinal) passed++
    return (skip[passed]?.firstOrdinal ?? Infinity) > ordinal
  }
  let rows: SpooledRow[] = []
  for await (const some of readRows(path, wanted)) {
    for (const row of some) {
      if (rows[0] !== undefined && rows[0]._batch !== row._batch) {
        yield batchOf(rows)
        rows = []
      }
      rows.push(row)
    }
  }
  if (rows.length > 0) yield batchOf(rows)
}

/** The rows of each range, which are in order and apart. */
export async function* readRanges(path: string, ranges: readonly OrdinalRange[]): AsyncGenerator<SpooledRow[]> {
  let passed = 0
  const wanted = (ordinal: number): boolean => {
    while ((ranges[passed]?.lastOrdinal ?? Infinity) < ordinal) passed++
    return (ranges[passed]?.firstOrdinal ?? Infinity) <= ordinal
  }
  let rows: SpooledRow[] = []
  let current = 0
  for await (const some of readRows(path, wanted)) {
    for (const row of some) {
      while ((ranges[current]?.lastOrdinal ?? Infinity) < Number(row._ordinal)) {
        if (rows.length > 0) yield rows
        rows = []
        current++
      }
      rows.push(row)
    }
  }
  if (rows.length > 0) yield rows
}

/** What each chunk of the file holds. A line's number is its row's ordinal: what is not wanted is not parsed. */
async function* readRows(path: string, wanted: (ordinal: number) => boolean): AsyncGenerator<SpooledRow[]> {
  let ordinal = 0
  for await (const some of lines(path)) {
    const rows: SpooledRow[] = []
    for (const line of some) {
      if (!wanted(++ordinal)) continue
      const row = JSON.parse(line) as SpooledRow
      if (Number(row._ordinal) !== ordinal) throw spoolBroken(path)
      rows.push(row)
    }
    yield rows
  }
}

function batchOf(rows: readonly SpooledRow[]): SpooledBatch {
  const [first, last] = [rows[0], rows.at(-1)]
  if (first === undefined || last === undefined) throw new RangeError('a batch has at least one row')
  return { batch: Number(first._batch), firstOrdinal: Number(first._ordinal), lastOrdinal: Number(last._ordinal), rows }
}

/** By chunks of the file: to wait for each line would cost more than reading it. */
async function* lines(path: string): AsyncGenerator<string[]> {
  const splitter = new LineSplitter(maxLineBytes, () => {
    throw spoolBroken(path)
  })
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) yield splitter.push(chunk as Buffer)
  const last = splitter.end()
  if (last !== null) yield [last]
}

const maxLineBytes = 64 * 1024 * 1024

function spoolBroken(path: string): TraitlineError {
  return new TraitlineError({
    code: 'SPOOL_BROKEN',
    message: `The spool ${path} does not hold the frozen rows in order`,
    hint: 'Delete the file: it is written again from the warehouse when the sync is tried again.',
    blame: 'system',
  })
}
