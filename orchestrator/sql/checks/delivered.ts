import type { CheckProgramOf } from './program.ts'
import { ofRows, percent, shareOf } from './program.ts'

/** Which share of what a sync sent its destination did not take: rejected, or of unknown fate. */
export const delivered: CheckProgramOf<'delivered'> = function* ({ maxLostShare }, { counts }) {
  const [sent, rejected, unknown] = ['sent', 'rejected', 'unknown'].map((name) => Number(counts[name] ?? 0)) as [
    number,
    number,
    number,
  ]
  const failures = rejected + unknown
  const share = shareOf(failures, sent)
  const passed = share <= maxLostShare
  return {
    passed,
    failures,
    message: passed
      ? null
      : `${ofRows(failures, sent, 'were not taken')} (${percent(share)}; ${percent(maxLostShare)} may)`,
    metadata: { sent, rejected, unknown, share, threshold: maxLostShare },
  }
}
