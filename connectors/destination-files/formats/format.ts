import type { JsonData, RowIssue } from '../../kit/index.ts'
import type { Column } from '../columns.ts'

/** A row, and where it stood in its batch. */
export interface FileRow {
  readonly ordinal: number
  readonly value: JsonData
}

/** A file that is being written aside. */
export interface OpenFile {
  /** Answers the rows that the file cannot hold; the others are in it once it is finished. */
  add(rows: readonly FileRow[]): Promise<readonly RowIssue[]>
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
