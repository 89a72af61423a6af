import type { PartitionsSpec } from '../../contract/index.ts'
import { windowsOf } from '../calendar/index.ts'

/** How an asset's time stands: its latest window that has ended, and when the next one will have. */
export interface LatestWindow {
  /** Of its dimension of time. */
  readonly key: string
  /** First instant, in milliseconds: the position of its partitions. */
  readonly start: number
  /** When another one is the latest; null if none follows. */
  readonly nextEnd: number | null
}

/** Null where there is no dimension of time, or no window has ended yet. */
export function latestWindow(spec: PartitionsSpec, now: number): LatestWindow | null {
  const windows = windowsOfTime(spec)
  if (windows === null) return null
  const n = Math.min(windows.most, windows.at(now)) - 1
  if (n < 0) return null
  return {
    key: windows.keyOf(n),
    start: windows.startOf(n),
    nextEnd: n + 1 < windows.most ? windows.startOf(n + 2) : null,
  }
}

/**
 * When the window after the one at a position has ended, so that it should be there; `never` if none follows; null where
 * there is no dimension of time.
 */
export function dueAfter(spec: PartitionsSpec, position: number): number | 'never' | null {
  const windows = windowsOfTime(spec)
  if (windows === null) return null
  const n = windows.at(position)
  return n + 1 < windows.most ? windows.startOf(n + 2) : 'never'
}

function windowsOfTime({ dimensions }: PartitionsSpec): ReturnType<typeof windowsOf> | null {
  const dimension = dimensions.find(({ type }) => type === 'time')
  return dimension?.type === 'time' ? windowsOf(dimension) : null
}
