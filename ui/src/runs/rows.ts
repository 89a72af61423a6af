import type { RunAsset } from '../../../orchestrator/server/api.ts'

/** The run page's rows: pure. */

/** What happened first comes first; what has not begun keeps the plan's order, after it. */
export function inOrderOfTime(rows: readonly RunAsset[]): RunAsset[] {
  return rows.toSorted((a, b) => {
    if (a.startedAt === null || b.startedAt === null) return Number(a.startedAt === null) - Number(b.startedAt === null)
    return a.startedAt < b.startedAt ? -1 : a.startedAt > b.startedAt ? 1 : 0
  })
}

/** How far a run is, in words: `12 of 20 done, 3 running`. */
export function progressInWords(rows: readonly RunAsset[]): string {
  const running = rows.filter(({ status }) => status === 'running').length
  const open = rows.filter(({ status }) => status === 'planned').length
  const done = rows.length - running - open
  return `${done} of ${rows.length} done${running > 0 ? `, ${running} running` : ''}`
}
