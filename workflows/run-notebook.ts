import type { StepInput, StepOutcome } from '../orchestrator/contract/index.ts'
import { warehouse } from './activities.ts'
import { materialize } from './step/materialize.ts'

/** Runs a notebook and takes its output over. */
export function runNotebook(input: StepInput): Promise<StepOutcome> {
  return materialize(input, () => warehouse(input.warehouseQueue).runNotebook(input))
}
