import type { Migration } from './migration.ts'

/** What others materialise and report belongs to no run: the report's id stands where a run's would. */
export const reports: Migration = {
  number: 10,
  name: 'reports',
  sql: `
alter table traitline.materialization drop constraint materialization_run_fkey;
`,
}
