import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { DatabaseError, type PoolClient } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { ColumnSpec } from '../../../orchestrator/contract/index.ts'
import { dialectSql } from '../../../orchestrator/sql/index.ts'
import { parseDateFormat, type DateFormat } from '../csv/date-format.ts'
import type { CsvLayout } from '../csv/header.ts'
import { csvRejected } from '../csv/rejected.ts'
import type { LoadCsvInput } from '../warehouse.ts'

const { types: tableTypes } = dialectSql('postgres')

/**
 * Loads within the transaction that the caller began: COPY takes the file as it is into a temporary table of texts,
 * and Postgres casts them from there. An existing table of the same columns keeps its place, since views read it.
 */
export async function loadFiles(
  client: PoolClient,
  input: LoadCsvInput,
  layouts: readonly CsvLayout[],
  existing: readonly ColumnSpec[] | null,
): Promise<number> {
  const target = `${quoted(input.relation.schema)}.${quoted(input.relation.name)}`
  if (existing !== null && sameColumns(existing, input.columns)) await client.query(`truncate ${target}`)
  else {
    await client.query(`drop table if exists ${target}`)
    const definitions = input.columns.map(({ name, type }) => `${quoted(name)} ${tableTypes[type]}`)
    await client.query(`create table ${target} (${definitions.join(', ')})`)
  }
  let rows = 0
  for (const [index, path] of input.paths.entries()) {
    rows += await loadFile(client, target, input, path, layouts[index] as CsvLayout)
  }
  await client.query(`analyze ${target}`)
  return rows
}

async function loadFile(
  client: PoolClient,
  target: string,
  input: LoadCsvInput,
  path: string,
  layout: CsvLayout,
): Promise<number> {
  const staged = layout.names.map((_, position) => `c${position}`)
  await client.query(
    `create temporary table csv_rows (${staged.map((name) => `${name} text`).join(', ')}) on commit drop`,
  )
  const copy = `copy csv_rows from stdin (format csv, header ${input.header}, null '', force_null (${staged.join(', ')}),
    delimiter ${client.escapeLiteral(input.delimiter)}, encoding 'UTF8')`
  try {
    await pipeline(createReadStream(path, { highWaterMark: 262_144 }), client.query(copyFrom(copy)))
  } catch (error) {
    throw error instanceof DatabaseError && error.code?.startsWith('22') === true ? copyRejected(path, error) : error
  }
  const casts = input.columns.map((column, index) => cast(column, layout.positions[index] ?? null, input.dateFormat))
  const values = casts.map((each) => each?.value ?? 'null')
  await client.query('savepoint casting')
  try {
    const names = input.columns.map(({ name }) => quoted(name))
    const inserted = await client.query(
      `insert into ${target} (${names.join(', ')}) select ${values.join(', ')} from csv_rows`,
    )
    await client.query('drop table csv_rows')
    return inserted.rowCount ?? 0
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.code?.startsWith('22') !== true) throw error
    await client.query('rollback to savepoint casting')
    throw await castRejected(client, input, path, casts)
  }
}

interface Cast {
  /** What is cast, as text; null if it is not even in the right form. */
  readonly text: string
  readonly type: string
  readonly value: string
}

function cast({ type }: ColumnSpec, position: number | null, dateFormat: string | null): Cast | null {
  if (position === null) return null
  const staged = `c${position}`
  if (type === 'timestamp') {
    const text = dated(staged, dateFormat, isoTimestamp)
    return { text, type: 'timestamptz', value: `cast(${text} as timestamptz) at time zone 'UTC'` }
  }
  const text = type === 'date' ? dated(staged, dateFormat, isoDate) : staged
  return { text, type: tableTypes[type], value: `cast(${text} as ${tableTypes[type]})` }
}

const isoDate: DateFormat = { pattern: '^(\\d{4}-\\d{1,2}-\\d{1,2})$', iso: '\\1', hasTime: false, hasZone: false }
const isoTimestamp: DateFormat = {
  pattern: '^(\\d{4}-\\d{1,2}-\\d{1,2})([ T]\\d{1,2}:\\d{2}(:\\d{2}(\\.\\d+)?)?)? ?(Z|[+-]\\d{2}(:?\\d{2})?)?$',
  iso: '\\1\\2\\5',
  hasTime: true,
  hasZone: true,
}

/** Postgres reads far more than one format, `today` and `1/2/2020` among them: only the declared one passes. */
function dated(staged: string, dateFormat: string | null, iso: DateFormat): string {
  const { pattern, iso: replacement } = dateFormat === null ? iso : parseDateFormat(dateFormat)
  const [form, order] = [pattern, replacement].map((text) => `'${text.replaceAll("'", "''")}'`)
  return `case when ${staged} ~ ${form} then regexp_replace(${staged}, ${form}, ${order})
    when ${staged} is not null then 'unreadable' end`
}

/** COPY says the line, and the column by our own name for it. */
function copyRejected(path: string, error: DatabaseError): Error {
  const line = /line (\d+)/.exec(error.where ?? '')?.[1]
  const reason = /extra data/.test(error.message)
    ? 'it has too many columns'
    : /missing data/.test(error.message)
      ? 'it has too few columns'
      : /unterminated/.test(error.message)
        ? 'a quote is not closed'
        : 'it cannot be read'
  return csvRejected({ path, line: line === undefined ? null : Number(line), column: null, reason })
}

/** Finds the first row that does not cast. A Postgres before 16 cannot say, and the file alone is named. */
async function castRejected(
  client: PoolClient,
  input: LoadCsvInput,
  path: string,
  casts: readonly (Cast | null)[],
): Promise<Error> {
  const reason = 'its value does not fit the declared type'
  const tests = casts.flatMap((each, index) =>
    each === null || each.type === 'text'
      ? []
      : [{ index, test: `not pg_input_is_valid(${each.text}, '${each.type}')` }],
  )
  const rows = tests.map(({ index, test }) => `select line, ${index} as col from numbered where ${test}`)
  const { rows: found } = await client
    .query<{ line: number; col: number; n: number }>(
      `with numbered as (select *, row_number() over (order by ctid) as line from csv_rows),
        bad as (${rows.join(' union all ')})
        select line, col, (select count(*) from bad) as n from bad order by line, col limit 1`,
    )
    .catch(() => ({ rows: [] }))
  const [first] = found
  if (first === undefined) return csvRejected({ path, line: null, column: null, reason })
  const line = first.line + (input.header ? 1 : 0)
  return csvRejected({ path, line, column: input.columns[first.col]?.name ?? null, reason, count: first.n })
}

function sameColumns(a: readonly ColumnSpec[], b: readonly ColumnSpec[]): boolean {
  return a.length === b.length && a.every(({ name, type }, index) => name === b[index]?.name && type === b[index]?.type)
}

function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}
