import type { StepInput, StepOutcome } from '../orchestrator/contract/index.ts'
import { materialize } from './step/materialize.ts'

/** Joins the traits of a user model into one table. */
export function materializeUserModel(input: StepInput): Promise<StepOutcome> {
  return materialize(input, (activities) => activities.materializeUserModel(input))
}
