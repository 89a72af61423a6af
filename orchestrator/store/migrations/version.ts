import { TraitlineError } from '../../contract/index.ts'
import { schemaVersion } from './index.ts'

export function newerSchema(database: string, version: number): TraitlineError {
  return new TraitlineError({
    code: 'STORE_NEWER',
    message: `the database ${database} was migrated to version ${version} by a newer Traitline; this one knows version ${schemaVersion}`,
    hint: 'Update Traitline here to the version that migrated it, or set DATABASE_URL to another database.',
    blame: 'config',
  })
}

export function olderSchema(database: string, version: number): TraitlineError {
  return new TraitlineError({
    code: 'STORE_NOT_MIGRATED',
    message:
      version === 0
        ? `the database ${database} has no records of Traitline yet`
        : `the database ${database} is at version ${version} of Traitline's schema; this Traitline needs version ${schemaVersion}`,
    hint: 'Run `traitline deploy`: it migrates the database first. If the database is another project’s, correct DATABASE_URL.',
    blame: 'config',
  })
}
