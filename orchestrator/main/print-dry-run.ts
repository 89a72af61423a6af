import type { SyncDifference, SyncDryRun } from '../contract/index.ts'
import { count } from './output.ts'
import type { Paint, Terminal } from './terminal/terminal.ts'

const kinds = [
  ['added', '+', 'green'],
  ['changed', '~', 'yellow'],
  ['removed', '-', 'red'],
] as const satisfies readonly (readonly [string, string, Paint])[]

/** What a sync would do, for people. */
export function printDryRun(terminal: Terminal, found: SyncDryRun): void {
  const { line, paint } = terminal
  const { counts, samples } = found
  line(paint('bold', `${found.sync} (${found.mode}), revision ${found.revision}: nothing was sent`))
  for (const [kind, sign, colour] of kinds) {
    line(`${paint(colour, `${sign} ${count(counts[kind], 'row')} ${kind}`)}`)
    for (const sample of samples[kind]) printSample(terminal, sample)
    const more = counts[kind] - samples[kind].length
    if (more > 0 && samples[kind].length > 0) line(paint('dim', `    ... ${more.toLocaleString('en-US')} more`))
  }
  const invalid = counts.invalid > 0 ? `, ${counts.invalid.toLocaleString('en-US')} without a key of their own` : ''
  const withheld = counts.withheld === undefined ? '' : `, ${counts.withheld.toLocaleString('en-US')} without consent`
  line(`  ${count(counts.unchanged, 'row')} unchanged${invalid}${withheld}`)
  const columns = Object.entries(found.changedColumns).filter(([, rows]) => rows > 0)
  if (columns.length > 0) {
    const each = columns.map(([name, rows]) => `${name} in ${rows.toLocaleString('en-US')}`).join(', ')
    line(`  of ${count(found.comparable, 'changed row')} whose delivered values are known: ${each}`)
  }
  if (found.mappingChanged) line('  its mapping changed since it was delivered: every row is sent again')
  if (found.targetChanged) line('  it goes elsewhere than before: nothing counts as delivered there')
  if (found.unsettled > 0) line('  a run before left something that is settled first: the numbers may then be others')
  if (found.stopped !== null) {
    line(paint('red', `  a run would stop before it sends anything: ${found.stopped.message}`))
    line(`    fix: ${found.stopped.hint}`)
  }
  if (found.masked && kinds.some(([kind]) => samples[kind].length > 0)) {
    line(paint('dim', '  values are masked; --reveal shows them'))
  }
}

function printSample({ line, paint }: Terminal, { key, fields, rejected }: SyncDifference): void {
  line(`    ${key}${rejected === null ? '' : paint('red', `  cannot be sent: ${rejected}`)}`)
  for (const { field, before, after } of fields) {
    const text = (value: unknown): string => (value === undefined ? '?' : JSON.stringify(value))
    line(
      `      ${field}: ${before === undefined ? '' : `${text(before)} -> `}${after === undefined ? 'gone' : text(after)}`,
    )
  }
}
