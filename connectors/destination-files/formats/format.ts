import type { JsonData, RowIssue, Rows } from '../../kit/index.ts'
import type { Column } from '../columns.ts'

/** What is said of each row of a slice, beside its own fields. */
export type Bookkeeping = JsonData | null

/** A file that is being written aside. */
export interface OpenFile {
  /** Answers the rows that the file cannot hold; the others are in it once it is finished. */
  add(rows: Rows, bookkeeping: Bookkeeping): Promise<readonly RowIssue[]>
  /** The file is whole, and on the disk. */
  finish(): Promise<void>
  /** Lets go of it; what there is of it stays where it is. */
  discard(): Promise<void>
}

export interface FileOptions {
  readonly path: string
  readonly columns: readonly Column[]
  readonly compression: 'none' | 'gzip' | 'snappy' | 'zstd' | undefined
  readonly spreadsheetSafe: boolean
}

/** One kind of file. */
export interface Format {
  /** With that of the compression. */
  extension(compression: FileOptions['compression']): string
  /** Whether it writes the columns that a stream declares, and no others. */
  readonly columnar: boolean
  open(options: FileOptions): Promise<OpenFile>
}
