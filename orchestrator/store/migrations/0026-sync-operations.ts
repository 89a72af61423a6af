import type { Migration } from './migration.ts'

/** What runs of syncs did beside sending: what it cost, how long it took; pauses; what a run asks of a sync. */
export const syncOperations: Migration = {
  number: 26,
  name: 'sync operations',
  sql: `
alter table traitline.run add column sync jsonb;

alter table traitline.sync_run add column waiting bigint;
alter table traitline.sync_run add column requests bigint;
alter table traitline.sync_run add column throttled bigint;
alter table traitline.sync_run add column request_retries bigint;
alter table traitline.sync_run add column bytes bigint;
alter table traitline.sync_run add column freeze_ms bigint;
alter table traitline.sync_run add column send_ms bigint;
alter table traitline.sync_run add column settle_ms bigint;
alter table traitline.sync_run add column degraded jsonb;
create index on traitline.sync_run (asset_id, started_at);

alter table traitline.sync_batch add column requests bigint;
alter table traitline.sync_batch add column throttled bigint;
alter table traitline.sync_batch add column request_retries bigint;
alter table traitline.sync_batch add column bytes bigint;

create table traitline.sync_pause (
  asset_id bigint primary key references traitline.asset,
  by text not null,
  reason text,
  since timestamptz not null default now()
);
`,
}
