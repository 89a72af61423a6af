import type { RunRow } from '../store/store.ts'
import { RequestProblem } from './problem.ts'
import type { Run } from './schemas/run.ts'

/** A run as lists show it: its targets counted, since there can be thousands. */
export function runView(row: RunRow): Run {
  return { ...row, targets: row.targets.length }
}

export function hasEnded(row: Pick<RunRow, 'status'>): boolean {
  return row.status !== 'queued' && row.status !== 'running'
}

export function unknownRun(run: string): RequestProblem {
  return new RequestProblem(404, 'RUN_NOT_FOUND', `There is no run ${run}.`, 'Look for it under /runs.')
}
