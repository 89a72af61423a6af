import type { SourceLoad } from '../contract/index.ts'

export interface CsvOptions {
  /** Default `,`. */
  readonly delimiter?: string
  /** Whether the first line names the columns: default true. Without it columns go by position. */
  readonly header?: boolean
  /** How dates and times are written, in strptime's letters, such as `%Y%m%d`. Default ISO 8601. */
  readonly dateFormat?: string
}

/**
 * CSV files to load, by path relative to the project's folder, or under TRAITLINE_HOME with the prefix `home:`.
 * A column of the source that no file has is null; a column of a file that the source does not declare is ignored.
 */
export function csv(paths: string | readonly string[], options: CsvOptions = {}): SourceLoad {
  return Object.freeze({
    format: 'csv',
    paths: Object.freeze(typeof paths === 'string' ? [paths] : [...paths]),
    delimiter: options.delimiter ?? ',',
    header: options.header ?? true,
    dateFormat: options.dateFormat ?? null,
  })
}
