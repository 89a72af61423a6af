import type { SourceLoad } from '../contract/index.ts'
import { checkArguments } from './check.ts'
import { either, flag, like, listOf, object, oneOf, optional, shape, someText, text, type Shapes } from './shape.ts'

export interface CsvOptions {
  /** Default `,`. */
  readonly delimiter?: string
  /** Whether the first line names the columns: default true. Without it columns go by position. */
  readonly header?: boolean
  /** How dates and times are written, in strptime's letters, such as `%Y%m%d`. Default ISO 8601. */
  readonly dateFormat?: string
}

const paths = listOf('paths', someText)
const pathOrPaths = like(either(someText, paths), "csv('data/purchases.csv')")
const csvOptions = optional(
  object({
    delimiter: optional(text),
    header: optional(flag),
    dateFormat: optional(text),
  } satisfies Shapes<CsvOptions>),
)

const sourceLoadParts = object({
  format: oneOf(['csv']),
  paths,
  delimiter: text,
  header: flag,
  dateFormat: either(
    text,
    shape('null', (value) => value === null),
  ),
} satisfies Shapes<SourceLoad>)

/** What `csv` makes. */
export const sourceLoad = like(
  { ...sourceLoadParts, expected: 'files as csv(...) names them' },
  "load: csv('data/purchases.csv')",
)

/**
 * CSV files to load, by path relative to the project's folder, or under TRAITLINE_HOME with the prefix `home:`.
 * A column of the source that no file has is null; a column of a file that the source does not declare is ignored.
 */
export function csv(files: string | readonly string[], options: CsvOptions = {}): SourceLoad {
  checkArguments('csv', { paths: pathOrPaths, options: csvOptions }, { paths: files, options })
  return Object.freeze({
    format: 'csv',
    paths: Object.freeze(typeof files === 'string' ? [files] : [...files]),
    delimiter: options.delimiter ?? ',',
    header: options.header ?? true,
    dateFormat: options.dateFormat ?? null,
  })
}
