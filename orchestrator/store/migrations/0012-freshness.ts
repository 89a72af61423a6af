import type { Migration } from './migration.ts'

/** What freshness policies ask of an asset, and how it stood to its policy when that was last judged. */
export const freshness: Migration = {
  number: 12,
  name: 'freshness',
  sql: `
alter table traitline.asset_status add column succeeded_at timestamptz;
update traitline.asset_status set succeeded_at = materialized_at;

create table traitline.freshness (
  asset_id bigint primary key references traitline.asset,
  scope_id integer not null references traitline.scope,
  status text not null,
  since timestamptz not null,
  deadline timestamptz,
  judged_at timestamptz not null default now()
) with (fillfactor = 80);
create index on traitline.freshness (scope_id);
`,
}
