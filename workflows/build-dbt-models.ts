import type { StepInput, StepOutcome } from '../orchestrator/contract/index.ts'
import { warehouse } from './activities.ts'
import { materialize } from './step/materialize.ts'

/** Builds the dbt models of a group in one invocation. */
export function buildDbtModels(input: StepInput): Promise<StepOutcome> {
  return materialize(input, () => warehouse(input.warehouseQueue).buildDbtModels(input))
}
