import type { StepInput, StepOutcome } from '../orchestrator/contract/index.ts'
import { materialize } from './step/materialize.ts'

/** Runs a notebook and takes its output over. */
export function runNotebook(input: StepInput): Promise<StepOutcome> {
  return materialize(input, (activities) => activities.runNotebook(input))
}
