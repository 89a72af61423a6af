import type { StepInput, StepOutcome } from '../orchestrator/contract/index.ts'
import { materialize } from './step/materialize.ts'

/** Fills an audience’s table with its members. */
export function materializeAudience(input: StepInput): Promise<StepOutcome> {
  return materialize(input, (activities) => activities.materializeAudience(input))
}
