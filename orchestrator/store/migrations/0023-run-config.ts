import type { Migration } from './migration.ts'

/** Parameters that a run gives notebooks in the place of their definitions'. */
export const runConfig: Migration = {
  number: 23,
  name: 'run-config',
  sql: 'alter table traitline.run add column config jsonb',
}
