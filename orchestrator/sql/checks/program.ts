import type {
  AssetKey,
  CheckType,
  ColumnSpec,
  ColumnType,
  JsonObject,
  LastGood,
  PartitionValue,
  Relation,
  TestOf,
} from '../../contract/index.ts'
import { TraitlineError } from '../../contract/index.ts'
import { compile } from '../compile.ts'
import type { DialectSql, Fragment, ResultRow } from '../dialect.ts'
import { withReads, type NamedRead } from '../partitions.ts'
import type { Statement } from '../statement.ts'

/** What a check looks at. */
export interface CheckTarget {
  readonly asset: AssetKey
  readonly dialect: DialectSql
  /** Null for a sync, which has no table. */
  readonly relation: Relation | null
  readonly relationOf: (asset: AssetKey) => Relation
  /** What of the tables is looked at, under the names that `relation` and `relationOf` give: rows of partitions. */
  readonly reads?: readonly NamedRead[]
  /** Of the partition that is looked at, what a query may ask for. */
  readonly partitionValue?: (value: PartitionValue) => Fragment
  /** As they are in the warehouse. */
  readonly columns: readonly ColumnSpec[]
  /** Rows of the materialisation; null where nobody counted. */
  readonly rows: number | null
  /** A sync's counts. */
  readonly counts: JsonObject
  /** ISO 8601, UTC: the project's asOf, or the clock. */
  readonly now: string
  readonly lastGood: LastGood | null
  /** What a categorical trait may be; null for a column whose texts nobody declared. */
  readonly categoriesOf: (column: string) => readonly string[] | null
}

/** What a check found: counts, shares and thresholds, never a value of a row. */
export interface Verdict {
  readonly passed: boolean
  readonly failures: number | null
  /** Why it failed, or what kept it from judging; null if there is nothing to say. */
  readonly message: string | null
  readonly metadata: JsonObject
  readonly reference?: JsonObject
  /** Of a failed one, a query of the rows that failed; over what is looked at, as the check was. */
  readonly failing?: Fragment
}

/**
 * A check as a conversation: it yields a query and is handed its rows, until it has a verdict. So it decides without
 * touching anything, and may ask a second question by the answer to its first.
 */
export type CheckProgram = Generator<Statement, Verdict, readonly ResultRow[]>

export type CheckProgramOf<Type extends CheckType> = (test: TestOf<Type>, target: CheckTarget) => CheckProgram

/** A query over the rows that are looked at. */
export function over(target: CheckTarget, query: Fragment): Statement {
  return compile(withReads(target.reads ?? [], query))
}

/** One query, one row. */
export function* askOne(statement: Statement): Generator<Statement, ResultRow, readonly ResultRow[]> {
  const [row] = yield statement
  return row ?? {}
}

export function tableOf({ asset, relation }: CheckTarget): Relation {
  if (relation !== null) return relation
  throw new TraitlineError({
    code: 'CHECK_INVALID',
    message: `${asset} has no table to check`,
    hint: 'Use row_count, row_count_change or delivered on a sync.',
    blame: 'user',
  })
}

/** The type of a column. Throws COLUMN_MISSING. */
export function typeOf({ asset, columns, dialect }: CheckTarget, name: string): ColumnType {
  const id = (text: string): string => (dialect.foldsCase ? text.toLowerCase() : text)
  const found = columns.find((column) => id(column.name) === id(name))
  if (found !== undefined) return found.type
  throw new TraitlineError({
    code: 'COLUMN_MISSING',
    message: `${asset} has no column ${name}; it has ${columns.map((column) => column.name).join(', ')}`,
    hint: 'Correct the column that the check names.',
    blame: 'user',
  })
}

/** `2,310 of 23,570 rows have no email`. */
export function ofRows(failures: number, rows: number, words: string): string {
  return `${failures.toLocaleString('en-US')} of ${rows.toLocaleString('en-US')} rows ${words}`
}

export function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}

/** For messages: at most three digits that matter. */
export function short(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))) : String(value)
}

export function percent(share: number): string {
  return `${short(share * 100)} %`
}
