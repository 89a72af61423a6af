import { desiredRows, withheldRows, type DesiredSet } from './sync-desired.ts'
import { syncDialects, type SyncDialect } from './sync-dialect.ts'
import { changedRows, comparedRows, parkedBy } from './sync-compare.ts'
import type { SyncRequest } from '../contract/index.ts'
import type { FreezeInput } from './sync-freeze.ts'
import { quoteColumn, quoteTable } from './sync-quote.ts'
import type { Dialect, Statement } from './statement.ts'

/** What would be frozen, asked without writing anything. */
export interface PreviewInput extends Pick<
  FreezeInput,
  'tables' | 'dialect' | 'desired' | 'rules' | 'mapping' | 'anew' | 'resend' | 'resendOnly' | 'request'
> {
  /** Whether there is a ledger at all. */
  readonly begun: boolean
  /** The sync run of what is frozen, if its columns are those of the mapping: then delivered values may be known. */
  readonly frozenRun: string | null
}

/** The first rows that should be at the destination, by key: `_key` and the columns. */
export function previewRows(desired: DesiredSet, engine: Dialect, limit: number): Statement {
  const dialect = syncDialects[engine]
  const rows = `select * from (${desiredRows(desired, dialect)}) r where _key is not null`
  return plain(`${rows} order by ${dialect.codePointOrder('_key')} limit ${Math.trunc(limit)}`)
}

/** Rows by what would happen to them: `kind` (added, changed, removed) and `rows`. */
export function previewCounts(input: PreviewInput): Statement {
  const { text, parameters } = differing(input)
  return { text: `select kind, count(*) as rows from (${text}) x group by kind`, parameters }
}

/** One row: desired, invalid, and removable (keys that a mirror may remove). */
export function previewSides({ tables, desired, dialect, begun, anew }: PreviewInput): Statement {
  const rows = desiredRows(desired, syncDialects[dialect])
  const removable =
    begun && anew !== true
      ? `(select count(*) from ${quoteTable(tables.delivered)} where operation <> 'skipped')`
      : 'cast(0 as bigint)'
  return plain(
    `select (select count(*) from (${rows}) s) as desired, ${removable} as removable,` +
      ` ${withheldRows(desired, syncDialects[dialect])} as withheld,` +
      ` (select cast(coalesce(sum(n), 0) as bigint) from (select count(*) as n from (${rows}) s` +
      ` group by _key having _key is null or count(*) > 1) i) as invalid`,
  )
}

/** In how many changed rows each column differs from what was delivered: `comparable`, and `c0`, `c1` ... */
export function previewColumns(input: PreviewInput): Statement {
  const dialect = syncDialects[input.dialect]
  const { text, parameters } = withBefore(input, dialect)
  const counts = input.desired.columns.map(({ name, type, decimals }, index) => {
    const now = dialect.texts[type](`y.${quoteColumn(name)}`, decimals)
    const before = dialect.texts[type](`y._before${index}`, decimals)
    return `count(*) filter (where y._known and ${now} is distinct from ${before}) as c${index}`
  })
  return {
    text: `select ${['count(*) filter (where y._known) as comparable', ...counts].join(', ')} from (${text}) y where y.kind = 'changed'`,
    parameters,
  }
}

/** At most so many rows of each kind, by key: `kind`, `_key`, the columns, `_known` and what was delivered as `_before0` ... */
export function previewSamples(input: PreviewInput, samples: number): Statement {
  const dialect = syncDialects[input.dialect]
  const { text, parameters } = withBefore(input, dialect)
  const numbered = `select y.*, row_number() over (partition by kind order by ${dialect.codePointOrder('_key')}) as _n from (${text}) y`
  return { text: `select * from (${numbered}) z where _n <= ${Math.trunc(samples)} order by kind, _n`, parameters }
}

function differing(input: PreviewInput): Statement {
  const { tables, desired, rules, request, resend = [], resendOnly = false, begun, anew = false } = input
  const dialect = syncDialects[input.dialect]
  const { text: string } = dialect.types
  const nothing = `(select cast(null as ${string}) as key, cast(null as ${dialect.hashType}) as hash, cast(null as ${string}) as operation where false)`
  const table = quoteTable(tables.delivered)
  const asked = resend.length > 0 && (rules.compares || resendOnly) && begun && !anew
  const delivered =
    !begun || anew
      ? nothing
      : asked && rules.compares
        ? `(select * from ${table} where not (${parkedBy(resend, 2)}))`
        : request === 'resync'
          ? `(select key, operation, cast(null as ${dialect.hashType}) as hash from ${table})`
          : table
  const invalid = `(select _key as key from (${desiredRows(desired, dialect)}) k group by _key having _key is null or count(*) > 1)`
  const compared = `(${comparedRows(input, dialect, delivered)})`
  const changed = changedRows({ ...input, resend: asked ? resend : [] }, compared, invalid)
  const kind = "case when _hash is null then 'removed' when _was is null then 'added' else 'changed' end"
  return {
    text: `select d.*, ${kind} as kind from (${changed}) d${leftAfter[request ?? 'resync']}`,
    parameters: [input.mapping, ...(asked ? resend : [])],
  }
}

/** What is left to send of what differs. */
const leftAfter: Readonly<Record<SyncRequest, string>> = {
  resync: '',
  adopt: ' where _hash is null',
  forget: ' where _hash is not null',
}

/** What was delivered of a row is known while the rows of the run that delivered it are still kept. */
function withBefore(input: PreviewInput, dialect: SyncDialect): Statement {
  const { tables, desired, frozenRun, begun, anew = false } = input
  const { text, parameters } = differing(input)
  const known = frozenRun !== null && begun && !anew
  const before = desired.columns.map(({ name, type }, index) =>
    known ? `f.${quoteColumn(name)} as _before${index}` : `cast(null as ${dialect.types[type]}) as _before${index}`,
  )
  const columns = ['x.*', ...before, `${known ? 'f._key is not null' : 'false'} as _known`].join(', ')
  if (!known) return { text: `select ${columns} from (${text}) x`, parameters }
  return {
    text:
      `select ${columns} from (${text}) x` +
      ` left join ${quoteTable(tables.delivered)} l on l.key = x._key and l.sync_run = cast($${parameters.length + 1} as ${dialect.types.text})` +
      ` left join ${quoteTable(tables.frozen)} f on f._key = x._key and f._hash = l.hash`,
    parameters: [...parameters, frozenRun],
  }
}

function plain(text: string): Statement {
  return { text, parameters: [] }
}
