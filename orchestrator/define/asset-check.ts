import type { CheckSeverity, CheckTest, Literal, SourceLocation, TestOf } from '../contract/index.ts'
import { checkArguments } from './check.ts'
import { locationOfCall } from './location.ts'
import type { Resource, UseResource } from './resource.ts'
import { madeResource } from './resource-shape.ts'
import { either, flag, listOf, literal, made, number, object, oneOf, optional, shape, someText, text } from './shape.ts'
import type { Sql, TableReference } from './sql.ts'

/** What every check may say of itself. */
export interface CheckOptions {
  /** Default: what it is and of which column, as `not_null_email`. */
  readonly name?: string
  readonly description?: string
  /** `error` unless told. A failed check of severity `warn` is shown and stops nothing. */
  readonly severity?: CheckSeverity
  /** Whether, failed, it stops what is downstream and every sync of it. Default: as its severity says. */
  readonly blocking?: boolean
}

interface CodeTest {
  readonly type: 'typescript'
  readonly module: string
  readonly export: string
  readonly resources: readonly Resource[]
}

/** Where a column is left out it is a trait's value. */
type Columned<Test> = Test extends { readonly column: string }
  ? Omit<Test, 'column'> & { readonly column: string | null }
  : Test

/** A test as it is written: code without its hash, columns yet to be filled in. */
export type WrittenTest =
  Columned<Exclude<CheckTest, { readonly type: 'typescript' | 'sql' | 'sql_value' }>> | CodeTest | WrittenSql

interface WrittenSql {
  readonly type: 'sql' | 'sql_value'
  readonly sql: (self: TableReference) => Sql
  readonly min: number | null
  readonly max: number | null
}

/** A check of an asset: an element of its `checks`. */
export interface Check {
  readonly kind: 'check'
  readonly name: string
  readonly description: string | null
  readonly severity: CheckSeverity
  readonly blocking: boolean
  readonly test: WrittenTest
  readonly definedAt: SourceLocation | null
}

interface Range {
  readonly min?: number
  readonly max?: number
}

/** What one of these functions made. */
export const madeCheck = made('a check, such as check.unique makes', 'check', { name: text })

const common = { description: optional(text), severity: optional(oneOf(['warn', 'error'])), blocking: optional(flag) }
const named = { name: optional(text), ...common }
const range = { min: optional(number), max: optional(number) }
const query = shape(
  'SQL, or a function from the asset to SQL',
  (value) =>
    typeof value === 'function' ||
    (typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'sql'),
)

function define(
  test: WrittenTest,
  name: string,
  { description, severity = 'error', blocking = severity === 'error', name: given }: CheckOptions,
  definedAt: SourceLocation | null,
): Check {
  return Object.freeze({
    kind: 'check' as const,
    name: given ?? name,
    description: description ?? null,
    severity,
    blocking,
    test: Object.freeze(test),
    definedAt,
  })
}

function nameOf(what: string, column: string | undefined): string {
  return column === undefined ? what : `${what}_${column}`
}

/**
 * SQL that selects the rows that fail; with bounds, SQL that selects one number. It may read the asset itself, handed
 * to it as `self`, and whatever is upstream of it.
 *
 * ```ts
 * check.sql('no_refunds', (self) => sql`select * from ${self} where amount < 0`, { severity: 'warn' })
 * check.sql('mean_basket', (self) => sql`select avg(amount) from ${self}`, { min: 5, max: 500 })
 * ```
 */
function sqlCheck(
  name: string,
  sql: Sql | ((self: TableReference) => Sql),
  options: Omit<CheckOptions, 'name'> & Range = {},
): Check {
  checkArguments(
    'check.sql',
    { name: text, sql: query, options: object({ ...common, ...range }) },
    { name, sql, options },
  )
  const bounded = options.min !== undefined || options.max !== undefined
  const test: WrittenSql = {
    type: bounded ? 'sql_value' : 'sql',
    sql: typeof sql === 'function' ? sql : () => sql,
    min: options.min ?? null,
    max: options.max ?? null,
  }
  return define(test, name, options, locationOfCall(sqlCheck))
}

/**
 * A function of yours, in a module of the project (see `CheckFunction`). Workers load it when the asset has been
 * materialised, and refuse it if it is no longer what was deployed.
 *
 * ```ts
 * check.typescript('adds_up', { module: 'checks/revenue.ts', export: 'addsUp' })
 * ```
 */
function typescript(
  name: string,
  options: Omit<CheckOptions, 'name'> & {
    readonly module: string
    readonly export?: string
    /** What it uses: see `resource`. */
    readonly resources?: readonly Resource[]
  },
): Check {
  const code = object({
    ...{ ...common, module: someText, export: optional(someText) },
    resources: optional(listOf('resources', madeResource)),
  })
  checkArguments('check.typescript', { name: text, options: code }, { name, options })
  const test: CodeTest = {
    ...{ type: 'typescript', module: options.module, export: options.export ?? 'default' },
    resources: Object.freeze([...(options.resources ?? [])]),
  }
  return define(test, name, options, locationOfCall(typescript))
}

/** How many rows there may be: `check.rowCount({ min: 1 })`. On a sync: rows delivered. */
function rowCount(options: CheckOptions & Range): Check {
  checkArguments('check.rowCount', { options: object({ ...named, ...range }) }, { options })
  const test = { type: 'row_count', min: options.min ?? null, max: options.max ?? null } as const
  return define(test, 'row_count', options, locationOfCall(rowCount))
}

/**
 * How far the number of rows may be from that of the last good materialisation, as shares of it. The first one passes.
 *
 * ```ts
 * check.rowCountChange({ maxDrop: 0.1 })  // a tenth may go
 * ```
 */
function rowCountChange(options: CheckOptions & { readonly maxDrop?: number; readonly maxGrowth?: number }): Check {
  const shares = { maxDrop: optional(number), maxGrowth: optional(number) }
  checkArguments('check.rowCountChange', { options: object({ ...named, ...shares }) }, { options })
  const { maxDrop = null, maxGrowth = null } = options
  const test = { type: 'row_count_change', maxDrop, maxGrowth } as const
  return define(test, 'row_count_change', options, locationOfCall(rowCountChange))
}

/** No two rows have the same value, or the same values of several columns: `check.unique(['user_id', 'day'])`. */
function unique(columns: string | readonly string[], options: CheckOptions = {}): Check {
  const asked = { columns: either(text, listOf('texts', text)), options: object(named) }
  checkArguments('check.unique', asked, { columns, options })
  const list = typeof columns === 'string' ? [columns] : [...columns]
  const test: TestOf<'unique'> = { type: 'unique', columns: list }
  return define(test, `unique_${list.join('_')}`, options, locationOfCall(unique))
}

/** Every row has a value; with `maxShare: 0.05`, all but a twentieth. Without a column: a trait's value. */
function notNull(column?: string, options: CheckOptions & { readonly maxShare?: number } = {}): Check {
  const asked = { column: optional(text), options: object({ ...named, maxShare: optional(number) }) }
  checkArguments('check.notNull', asked, { column, options })
  const test = { type: 'not_null', column: column ?? null, maxShare: options.maxShare ?? 0 } as const
  return define(test, nameOf('not_null', column), options, locationOfCall(notNull))
}

/**
 * Numbers are in a range, both ends included; nulls are left out.
 *
 * ```ts
 * check.acceptedRange('age', { min: 0, max: 120, severity: 'warn' })
 * ```
 */
function acceptedRange(column: string, options: CheckOptions & Range): Check {
  checkArguments('check.acceptedRange', { column: text, options: object({ ...named, ...range }) }, { column, options })
  const test = { type: 'accepted_range', column, min: options.min ?? null, max: options.max ?? null } as const
  return define(test, nameOf('accepted_range', column), options, locationOfCall(acceptedRange))
}

/** Values are among those listed; nulls are left out: `check.acceptedValues('status', ['open', 'closed'])`. */
function acceptedValues(column: string, values: readonly Literal[], options: CheckOptions = {}): Check {
  const asked = { column: text, values: listOf('texts, numbers, true or false', literal), options: object(named) }
  checkArguments('check.acceptedValues', asked, { column, values, options })
  const test = { type: 'accepted_values', column, values: [...values] } as const
  return define(test, nameOf('accepted_values', column), options, locationOfCall(acceptedValues))
}

/**
 * The latest date or timestamp of a column is not older than so many minutes, by the project's `asOf` or the clock.
 * What a whole asset owes its readers is `freshness` beside `checks`.
 */
function columnFreshness(column: string, options: CheckOptions & { readonly maxAgeMinutes: number }): Check {
  checkArguments(
    'check.freshness',
    { column: text, options: object({ ...named, maxAgeMinutes: number }) },
    { column, options },
  )
  const test = { type: 'freshness', column, maxAgeMinutes: options.maxAgeMinutes } as const
  return define(test, nameOf('freshness', column), options, locationOfCall(columnFreshness))
}

/**
 * Values are distributed as in the last good materialisation, by the population stability index (PSI): of a number by
 * the quantiles of that one, of a boolean or a categorical trait by its values. Up to 0.1 is commonly read as no change,
 * above 0.25 (the default threshold) as another population. Without a column: a trait's value.
 *
 * ```ts
 * trait.continuous('churn', { of: customer, from: scores.column('churn'), checks: [check.drift({ severity: 'warn' })] })
 * ```
 */
function drift(
  options: CheckOptions & {
    readonly column?: string
    readonly threshold?: number
    readonly bins?: number
    /** Fewer rows than this, in either materialisation, are not judged: default 100. */
    readonly minRows?: number
  } = {},
): Check {
  const asked = {
    ...named,
    column: optional(text),
    threshold: optional(number),
    bins: optional(number),
    minRows: optional(number),
  }
  checkArguments('check.drift', { options: object(asked) }, { options })
  const { column, threshold = 0.25, bins = 10, minRows = 100 } = options
  const test = { type: 'drift', column: column ?? null, threshold, bins, minRows } as const
  return define(test, nameOf('drift', column), options, locationOfCall(drift))
}

/** Of a sync: at most this share of what was sent is rejected or of unknown fate. Default none. */
function delivered(options: CheckOptions & { readonly maxLostShare?: number } = {}): Check {
  checkArguments('check.delivered', { options: object({ ...named, maxLostShare: optional(number) }) }, { options })
  const test = { type: 'delivered', maxLostShare: options.maxLostShare ?? 0 } as const
  return define(test, 'delivered', options, locationOfCall(delivered))
}

/**
 * Checks, evaluated whenever the asset has been materialised and its table is in place. A failed one that blocks stops
 * what is downstream, and every sync of it, until it passes.
 *
 * ```ts
 * const orders = source('orders', {
 *   table: 'raw.orders',
 *   columns: { id: 'text', amount: 'number', ordered_at: 'timestamp' },
 *   checks: [
 *     check.unique('id'),
 *     check.rowCountChange({ maxDrop: 0.2 }),
 *     check.freshness('ordered_at', { maxAgeMinutes: 24 * 60, severity: 'warn' }),
 *     check.sql('no_refunds', (self) => sql`select * from ${self} where amount < 0`),
 *   ],
 * })
 * ```
 *
 * What is recorded of a check are counts, shares and thresholds; the rows that failed never leave the warehouse.
 */
export const check = Object.freeze({
  sql: sqlCheck,
  typescript,
  rowCount,
  rowCountChange,
  unique,
  notNull,
  acceptedRange,
  acceptedValues,
  freshness: columnFreshness,
  drift,
  delivered,
})

/** A value of a row, as a check in TypeScript sees it. */
export type CheckValue = string | number | boolean | null | object

export interface CheckContext {
  /** The asset's key. */
  readonly asset: string
  /** The asset's table, quoted, to be put into a query; of a partition, its rows alone. Null for a sync. */
  readonly table: string | null
  /** The partition that is looked at; null for an asset without. Times are ISO 8601, UTC. */
  readonly partition: {
    readonly key: string
    readonly window: { readonly start: string; readonly end: string } | null
    readonly dimensions: Readonly<
      Record<string, { readonly key: string; readonly window: { readonly start: string; readonly end: string } | null }>
    >
  } | null
  /** Rows of the materialisation; null where nobody counted. */
  readonly rows: number | null
  /** "Now": the project's `asOf`, or the clock. */
  readonly now: Date
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal
  /**
   * Asks the warehouse one query, of at most 10,000 rows, which can change nothing. Values go into `parameters`, as
   * `$1` and so on. What it answers stays in the worker: only the function's own answer is recorded.
   */
  query(
    text: string,
    parameters?: readonly (string | number | boolean | null)[],
  ): Promise<readonly Readonly<Record<string, CheckValue>>[]>
  /** A resource that the check declares, as it is in this environment: `const { url } = await use(billing)`. */
  readonly use: UseResource
}

/** What a check in TypeScript answers. Numbers alone: a text could carry what is in a row. */
export interface CheckAnswer {
  readonly passed: boolean
  /** How many rows failed. */
  readonly failures?: number
  /** What was measured. */
  readonly value?: number
}

/**
 * A check in TypeScript, exported from a module that `check.typescript` names.
 *
 * ```ts
 * import type { CheckFunction } from 'traitline'
 *
 * export const addsUp: CheckFunction = async ({ table, query }) => {
 *   const [row] = await query(`select sum(amount) as total, count(*) as n from ${table}`)
 *   return { passed: Number(row?.total) > 0, value: Number(row?.total) }
 * }
 * ```
 */
export type CheckFunction = (context: CheckContext) => CheckAnswer | Promise<CheckAnswer>
