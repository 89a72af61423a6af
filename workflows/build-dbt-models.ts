import type { StepInput, StepOutcome } from '../orchestrator/contract/index.ts'
import { materialize } from './step/materialize.ts'

/** Builds the dbt models of a group in one invocation. */
export function buildDbtModels(input: StepInput): Promise<StepOutcome> {
  return materialize(input, (activities) => activities.buildDbtModels(input))
}
