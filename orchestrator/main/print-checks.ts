import { isBlocked, type AssetKey, type JsonObject } from '../contract/index.ts'
import type { CheckRow } from '../store/store.ts'
import type { Terminal } from './terminal/terminal.ts'
import { moment } from './terminal/words.ts'

/** The latest result of each check, and of each partition that was looked at. */
export function latestResults(history: readonly CheckRow[]): CheckRow[] {
  const latest = new Map<string, CheckRow>()
  for (const row of history) {
    const id = `${row.name} ${row.partition ?? ''}`
    if (!latest.has(id)) latest.set(id, row)
  }
  return [...latest.values()]
}

/** What a check found last, and where some of the rows that failed it are. */
export function printChecks(terminal: Terminal, asset: AssetKey, results: readonly CheckRow[]): void {
  const { line, paint } = terminal
  for (const result of results) {
    const { name, passed, partition, message, at, run } = result
    const [colour, word] = passed
      ? (['green', 'passed'] as const)
      : isBlocked(result)
        ? (['red', 'failed'] as const)
        : (['yellow', 'warned'] as const)
    const of = partition === undefined ? '' : ` of ${partition}`
    line(`${paint(colour, word)}  ${name}${of}  ${moment(at, terminal.interactive)}, run ${run}`)
    if (message !== null) line(`    ${message}`)
    const sample = sampleOf(result)
    if (sample === null) continue
    line(`    rows that failed, at most ${sample.most}, for at most ${sample.days} days, are in the warehouse:`)
    line(`      ${queryOf(asset, result, sample.table)}`)
  }
}

interface Sample {
  readonly table: string
  readonly most: number
  readonly days: number
}

function sampleOf({ metadata }: CheckRow): Sample | null {
  const sample = metadata?.['sample'] as JsonObject | undefined
  return typeof sample?.['table'] === 'string' ? (sample as unknown as Sample) : null
}

/** As a person types it: names are those of definitions and partitions. */
function queryOf(asset: AssetKey, { name, partition = '' }: CheckRow, table: string): string {
  const text = (value: string): string => `'${value.replaceAll("'", "''")}'`
  const relation = table
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.')
  return `select failed_at, failing_row from ${relation} where asset = ${text(asset)} and check_name = ${text(name)} and partition_key = ${text(partition)}`
}
