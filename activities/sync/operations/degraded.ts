import type { SyncRunRow } from '../../../orchestrator/store/store.ts'

/** So many rows have to be sent before their share of rejected ones tells anything. */
const enoughRows = 20

/**
 * What is not right with a sync run that succeeded, held against those before it, the latest first: names and counts.
 *
 * - more of its rows were rejected than before: twice the usual share, and at least a hundredth;
 * - its source is empty, and was not;
 * - rejected rows that wait grew in each of the last three runs.
 */
export function degradationsOf(run: SyncRunRow, before: readonly SyncRunRow[]): string[] {
  const found: string[] = []
  const share = shareOf([run])
  const usual = shareOf(before)
  if (run.sent >= enoughRows && share >= 0.01 && share > 2 * usual && before.length > 0) {
    found.push(`${percent(share)} of its rows were rejected, ${percent(usual)} before`)
  }
  if (run.planned.desired === 0 && (before[0]?.planned.desired ?? 0) > 0) found.push('its source is empty')
  const waiting = [run, ...before.slice(0, 3)].map((each) => each.waiting ?? 0)
  const grows = waiting.length === 4 && waiting.every((rows, index) => index === 0 || rows < (waiting[index - 1] ?? 0))
  if (grows) found.push(`${waiting[0]} rejected rows wait, more after each run`)
  return found
}

function shareOf(runs: readonly SyncRunRow[]): number {
  const [sent, rejected] = runs.reduce(([all, some], run) => [all + run.sent, some + run.rejected], [0, 0])
  return sent === 0 ? 0 : rejected / sent
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`
}
