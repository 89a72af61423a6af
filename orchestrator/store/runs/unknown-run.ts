import { TraitlineError } from '../../contract/index.ts'

export function unknownRun(run: string): TraitlineError {
  return new TraitlineError({
    code: 'RUN_UNKNOWN',
    message: `run ${run} is not in the record`,
    hint: 'List the runs with `traitline runs`; a run is recorded before anything works for it.',
    blame: 'user',
  })
}
