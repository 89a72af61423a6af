import type { Migration } from './migration.ts'

/** What the next run of a sync is asked to do once; `applied_by` is the sync run that did it. */
export const syncRequests: Migration = {
  number: 28,
  name: 'sync requests',
  sql: `
create table traitline.sync_request (
  asset_id bigint primary key references traitline.asset,
  request text not null,
  requested_at timestamptz not null default now(),
  applied_by text
);
`,
}
