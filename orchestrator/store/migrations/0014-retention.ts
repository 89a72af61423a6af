import type { Migration } from './migration.ts'

/** What projects ask for decides together when a month of the shared event log may go. */
export const retention: Migration = {
  number: 14,
  name: 'retention',
  sql: `
create table traitline.retention (
  scope_id integer primary key references traitline.scope,
  events_days integer not null,
  maintained_at timestamptz not null
);
`,
}
