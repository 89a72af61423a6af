import type { StepInput, StepOutcome } from '../orchestrator/contract/index.ts'
import { materialize } from './step/materialize.ts'

/** Looks at a source, loading its files first where Traitline does. */
export function observeSource(input: StepInput): Promise<StepOutcome> {
  return materialize(input, (activities) => activities.observeSource(input))
}
