import { TraitlineError } from '../../contract/index.ts'
import type { RunRow, Store } from '../../store/index.ts'

/** Throws RUN_UNKNOWN for a run that is not in the record. */
export async function knownRun(store: Store, run: string): Promise<RunRow> {
  const row = await store.runs.get(run)
  if (row !== null) return row
  throw new TraitlineError({
    code: 'RUN_UNKNOWN',
    message: `run ${run} is not in the record`,
    hint: 'List them: traitline runs',
    blame: 'user',
  })
}
