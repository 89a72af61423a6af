import { kitCases } from './kit-cases.ts'
import { checkFails, protocolCases } from './protocol-cases.ts'
import type { ConformanceCase, ConformanceTarget } from './target.ts'
import { Trial } from './trial.ts'

export { messageErrors } from './message-errors.ts'
export { runCases, type CaseReport } from './report.ts'
export { targetOf, type TargetOptions } from './target-of.ts'
export type { ConformanceCase, ConformanceTarget } from './target.ts'

/**
 * What a destination has to do, tried on its real process: the suite for any connector.
 *
 * @example
 * for (const { name, run } of conformanceCases(target)) test(name, run)
 */
export function conformanceCases(target: ConformanceTarget): ConformanceCase[] {
  const trial = new Trial(target)
  const bad = Object.entries(target.badConfigs).map(([name, config]): ConformanceCase => {
    return { name: `check turns down ${name}`, run: () => checkFails(trial, config) }
  })
  const named = (cases: Readonly<Record<string, (trial: Trial) => Promise<void>>>): ConformanceCase[] =>
    Object.entries(cases).map(([name, run]) => ({ name, run: () => run(trial) }))
  return [...named(protocolCases), ...bad, ...(target.kit ? named(kitCases) : [])]
}
