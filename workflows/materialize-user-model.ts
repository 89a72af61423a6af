import type { StepInput, StepOutcome } from '../orchestrator/contract/index.ts'
import { warehouse } from './activities.ts'
import { materialize } from './step/materialize.ts'

/** Joins the traits of a user model into one table. */
export function materializeUserModel(input: StepInput): Promise<StepOutcome> {
  return materialize(input, () => warehouse(input.warehouseQueue).materializeUserModel(input))
}
