import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { finished } from 'node:stream/promises'
import { eventsCsv, purchasesCsv } from './csv.ts'
import { generateEvents, type EventOptions } from './events.ts'
import { generatePurchases, type SyntheticCustomers } from './purchases.ts'

export interface Written {
  readonly rows: number
  readonly bytes: number
  readonly seconds: number
  readonly rowsPerSecond: number
}

export interface WriteOptions {
  /** Called now and then with the rows written so far. */
  readonly onProgress?: (rows: number) => void
  readonly signal?: AbortSignal
}

/**
 * Writes simulated events to a CSV file, as fast as the disk takes them and without holding more than a few hundred
 * kilobytes. The file appears when it is complete.
 */
export async function writeEventsCsv(path: string, options: EventOptions, write: WriteOptions = {}): Promise<Written> {
  return writeCsv(path, eventsCsv.header, lines(generateEvents(options), eventsCsv.line), write)
}

/** Writes purchases of made-up customers: customer_id, purchased_on (YYYYMMDD), quantity, amount. */
export async function writePurchasesCsv(
  path: string,
  options: SyntheticCustomers,
  write: WriteOptions = {},
): Promise<Written> {
  return writeCsv(path, purchasesCsv.header, lines(oneByOne(generatePurchases(options)), purchasesCsv.line), write)
}

interface Chunk {
  readonly text: string
  readonly rows: number
}

const chunkSize = 1 << 18

async function* lines<T>(batches: AsyncIterable<readonly T[]>, line: (row: T) => string): AsyncGenerator<Chunk> {
  let text = ''
  let rows = 0
  for await (const batch of batches) {
    for (const row of batch) text += line(row)
    rows += batch.length
    if (text.length < chunkSize) continue
    yield { text, rows }
    text = ''
    rows = 0
  }
  yield { text, rows }
}

async function* oneByOne<T>(rows: Iterable<T>): AsyncGenerator<readonly T[]> {
  let batch: T[] = []
  for (const row of rows) {
    if (batch.push(row) < 1000) continue
    yield batch
    batch = []
  }
  yield batch
}

async function writeCsv(
  path: string,
  header: string,
  chunks: AsyncIterable<Chunk>,
  { onProgress, signal }: WriteOptions,
): Promise<Written> {
  const started = performance.now()
  const temporary = `${path}.${process.pid}.tmp`
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const file = createWriteStream(temporary, { mode: 0o600, highWaterMark: 4 * chunkSize })
  const done = finished(file, { signal })
  // Awaited below, and before that by the loop's own end.
  done.catch(() => undefined)
  let rows = 0
  try {
    file.write(header)
    for await (const chunk of chunks) {
      signal?.throwIfAborted()
      if (!file.write(chunk.text)) await Promise.race([once(file, 'drain'), done])
      rows += chunk.rows
      onProgress?.(rows)
    }
    file.end()
    await done
    await rename(temporary, path)
  } catch (error) {
    file.destroy()
    await rm(temporary, { force: true })
    throw error
  }
  const seconds = (performance.now() - started) / 1000
  return { rows, bytes: file.bytesWritten, seconds, rowsPerSecond: Math.round(rows / seconds) }
}
