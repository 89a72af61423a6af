import type { StepInput, StepOutcome } from '../orchestrator/contract/index.ts'
import { materialize } from './step/materialize.ts'

/** Fills a trait’s table. */
export function materializeTrait(input: StepInput): Promise<StepOutcome> {
  return materialize(input, (activities) => activities.materializeTrait(input))
}
