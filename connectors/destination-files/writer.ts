import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  objectOf,
  operationOf,
  type Batch,
  type BatchResult,
  type DestinationWriter,
  type RowIssue,
  type Rows,
} from '../kit/index.ts'
import { bookkeepingColumns, type Shape } from './columns.ts'
import type { FilesConfig } from './config.ts'
import type { OpenFile } from './formats/format.ts'
import { formats } from './formats/index.ts'
import { fileName, runOf } from './naming.ts'
import type { Place } from './places/place.ts'

/** A batch's file of one object, not put in its place yet. */
interface Pending {
  readonly shape: Shape
  readonly path: string
  readonly at: number
  readonly file: OpenFile
}

/**
 * A batch becomes one file of each object that it has rows of, written aside and put in place once it is whole, under a
 * name that the same batch has again.
 */
export class FilesWriter implements DestinationWriter {
  readonly #config: FilesConfig
  readonly #place: Place
  readonly #shapes: ReadonlyMap<string, Shape>
  /** For batches that their sender does not name. */
  readonly #session = `${new Date().toISOString().replaceAll(/[:.]/g, '')}-${randomUUID().slice(0, 8)}`
  #unnamed = 0
  #pending = new Map<string, Pending>()

  constructor(config: FilesConfig, place: Place, shapes: ReadonlyMap<string, Shape>) {
    this.#config = config
    this.#place = place
    this.#shapes = shapes
  }

  async write({ id, final, rows }: Batch): Promise<BatchResult> {
    const rejected: RowIssue[] = []
    let given = 0
    for (const slice of rows) {
      given += slice.count
      rejected.push(...(await this.#add(slice, id)))
    }
    if (final) await this.#publish(id ?? `${this.#session}:${this.#unnamed++}`)
    return { accepted: given - rejected.length, rejected, skipped: [] }
  }

  async close(): Promise<void> {
    for (const { file, path } of this.#pending.values()) {
      await file.discard()
      await rm(path, { force: true })
    }
    await this.#place.close()
  }

  async #add(slice: Rows, batch: string | null): Promise<readonly RowIssue[]> {
    const { shape, file, at } = await this.#pendingOf(slice)
    if (!shape.bookkeeping) return file.add(slice, null)
    return file.add(slice, {
      _operation: operationOf(slice.stream),
      _synced_at: new Date(at).toISOString(),
      _sync_run: runOf(batch ?? this.#session),
    })
  }

  async #pendingOf({ stream, emittedAt }: Rows): Promise<Pending> {
    const object = objectOf(stream)
    const known = this.#pending.get(object)
    if (known !== undefined) return known
    const shape = this.#shapes.get(object) as Shape
    const { format, compression, spreadsheet_safe: spreadsheetSafe } = this.#config
    const path = join(this.#place.aside, randomUUID())
    const columns = shape.bookkeeping ? [...bookkeepingColumns, ...shape.columns] : shape.columns
    const file = await formats[format].open({ path, columns, compression, spreadsheetSafe })
    const pending = { shape, path, file, at: emittedAt }
    this.#pending.set(object, pending)
    return pending
  }

  async #publish(batch: string): Promise<void> {
    const { format, compression, path: template } = this.#config
    const extension = formats[format].extension(compression)
    for (const { shape, file, path, at } of this.#pending.values()) {
      await file.finish()
      await this.#place.put(path, fileName(template, { stream: shape.object, batch, at }, extension))
    }
    this.#pending = new Map()
  }
}
