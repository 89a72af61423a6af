import { type SyncSpec, TraitlineError } from '../../orchestrator/contract/index.ts'

export function sourceMissing({ key, from }: Pick<SyncSpec, 'key' | 'from'>, table: string): TraitlineError {
  return new TraitlineError({
    code: 'SYNC_SOURCE_MISSING',
    message: `${key} cannot be compared yet: its table ${table} is not in the warehouse`,
    hint: `Materialise what it sends first: traitline materialize +${from}`,
    blame: 'user',
  })
}
