import type { Migration } from './migration.ts'

/**
 * A sync run that another run goes on with, where its rows went, and the wish to send again what has no known outcome:
 * `up_to` is the number of the last sync run that it speaks of, `applied_by` the one that did it.
 */
export const syncRounds: Migration = {
  number: 13,
  name: 'sync rounds',
  sql: `
alter table traitline.sync_run add column resumed_by text;
alter table traitline.sync_run add column target text;

create table traitline.sync_resend (
  asset_id bigint primary key references traitline.asset,
  up_to bigint not null,
  requested_at timestamptz not null default now(),
  applied_by text
);
`,
}
