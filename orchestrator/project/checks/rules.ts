import type { AssetSpec, CheckTest, ColumnType, TestOf } from '../../contract/index.ts'
import { nearest } from '../../graph/index.ts'
import type { TableColumns } from '../tables.ts'

/** What a check's test is held against before anything runs. */
export interface Subject {
  readonly spec: Omit<AssetSpec, 'codeVersion'>
  /** Undefined where nothing is known of them. */
  readonly columns: TableColumns | undefined
  /** Columns with personal data, of which not even quantiles may be kept. */
  readonly personal: ReadonlySet<string>
  report(reason: string, fix: string): void
}

type Rule<Type extends CheckTest['type']> = (test: TestOf<Type>, subject: Subject) => void

const anyType: readonly ColumnType[] = ['text', 'integer', 'number', 'boolean', 'timestamp', 'date', 'json']

const rules: { readonly [Type in CheckTest['type']]: Rule<Type> } = {
  sql: onTables,
  sql_value: (test, subject) => {
    onTables(test, subject)
    ordered(test, subject)
  },
  typescript: () => undefined,
  row_count: (test, subject) => {
    if (test.min === null && test.max === null) subject.report('it allows any number of rows', 'Give it min or max')
    ordered(test, subject)
  },
  row_count_change: ({ maxDrop, maxGrowth }, { report }) => {
    if (maxDrop === null && maxGrowth === null) report('it allows any change', 'Give it maxDrop or maxGrowth')
    if ((maxDrop ?? 0) < 0 || (maxGrowth ?? 0) < 0) report('a share is negative', 'Write 0.2 for a fifth of the rows')
    if ((maxDrop ?? 0) > 1) report(`maxDrop ${maxDrop} is more than all rows`, 'Write 0.2 for a fifth of the rows')
  },
  unique: (test, subject) => {
    onTables(test, subject)
    if (test.columns.length === 0) subject.report('it names no column', 'Name at least one')
    for (const column of test.columns) hasColumn(column, anyType, subject)
  },
  not_null: (test, subject) => {
    onTables(test, subject)
    hasColumn(test.column, anyType, subject)
    share('maxShare', test.maxShare, subject)
  },
  accepted_range: (test, subject) => {
    onTables(test, subject)
    hasColumn(test.column, ['number', 'integer'], subject)
    if (test.min === null && test.max === null) subject.report('it accepts any number', 'Give it min or max')
    ordered(test, subject)
  },
  accepted_values: (test, subject) => {
    onTables(test, subject)
    hasColumn(test.column, ['text', 'integer', 'number', 'boolean'], subject)
    if (test.values.length === 0) subject.report('it accepts no value at all', 'List those that may be')
  },
  freshness: (test, subject) => {
    onTables(test, subject)
    hasColumn(test.column, ['timestamp', 'date'], subject)
    positive('maxAgeMinutes', test.maxAgeMinutes, subject)
  },
  drift: (test, subject) => {
    onTables(test, subject)
    hasColumn(test.column, ['number', 'integer', 'boolean', 'text'], subject)
    positive('threshold', test.threshold, subject)
    if (!Number.isInteger(test.bins) || test.bins < 2 || test.bins > 100) {
      subject.report(`it has ${test.bins} bins`, 'Use a whole number from 2 to 100; 10 is common')
    }
    if (!Number.isInteger(test.minRows) || test.minRows < 0) {
      subject.report(`minRows is ${test.minRows}`, 'Use a whole number')
    }
    if (subject.personal.has(test.column)) {
      const fix = 'Check another column, or use check.sql, which keeps a count alone'
      subject.report(`${test.column} holds personal data, of which no distribution is kept`, fix)
    }
  },
  delivered: (test, subject) => {
    if (subject.spec.kind !== 'sync') subject.report('nothing is delivered by it', 'Put this check on a sync')
    share('maxLostShare', test.maxLostShare, subject)
  },
}

/** Reports what cannot be checked so. */
export function checkRules(test: CheckTest, subject: Subject): void {
  ;(rules[test.type] as Rule<typeof test.type>)(test as never, subject)
}

function onTables(_test: CheckTest, { spec, report }: Subject): void {
  if (spec.relation === null) report('a sync has no table', 'Use row_count, row_count_change or delivered on a sync')
}

function hasColumn(name: string, types: readonly ColumnType[], { columns, spec, report }: Subject): void {
  if (columns === undefined || spec.relation === null) return
  const type = columns.columns.get(name)
  if (type === undefined && columns.closed) {
    const near = nearest(name, columns.columns.keys())
    const all = `It has ${[...columns.columns.keys()].join(', ')}`
    report(`${spec.key} has no column ${name}`, near.length > 0 ? `Did you mean ${near.join(' or ')}?` : all)
  }
  if (type !== undefined && type !== null && !types.includes(type)) {
    report(`its column ${name} is ${type}`, `Use a column of type ${types.join(' or ')}`)
  }
}

function ordered(
  { min, max }: { readonly min: number | null; readonly max: number | null },
  { report }: Subject,
): void {
  if ([min, max].some((end) => end !== null && !Number.isFinite(end))) report('a bound is no finite number', 'Mend it')
  if (min !== null && max !== null && min > max)
    report(`its range is empty: from ${min} to ${max}`, 'min is at most max')
}

function share(name: string, value: number, { report }: Subject): void {
  if (!(value >= 0 && value <= 1)) report(`${name} is ${value}`, 'Use a share from 0 to 1')
}

function positive(name: string, value: number, { report }: Subject): void {
  if (!(value > 0 && Number.isFinite(value))) report(`${name} is ${value}`, 'Use a number above 0')
}
