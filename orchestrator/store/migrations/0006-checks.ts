import type { Migration } from './migration.ts'

/**
 * Checks may be evaluated again without materialising: a result belongs to a materialisation and to the run, or check
 * run, that evaluated it. What a later materialisation is compared with is kept beside the result.
 */
export const checks: Migration = {
  number: 6,
  name: 'checks',
  sql: `
alter table traitline.check_result
  add column run text,
  add column at timestamptz not null default now(),
  add column blocking boolean,
  add column metadata jsonb not null default '{}',
  add column reference jsonb;

update traitline.check_result set run = made.run, at = made.ended_at, blocking = severity = 'error'
from traitline.materialization made where made.id = materialization_id;

alter table traitline.check_result
  alter column run set not null,
  alter column blocking set not null,
  drop constraint check_result_pkey,
  add primary key (materialization_id, run, position);

drop index traitline.check_result_asset_id_materialization_id_idx;
create index on traitline.check_result (asset_id, at);

create table traitline.check_run (
  id text primary key,
  number bigint generated always as identity unique,
  scope_id integer not null references traitline.scope,
  revision integer not null,
  selection text not null,
  targets text[] not null,
  accept boolean not null,
  status text not null default 'running',
  counts jsonb not null default '{}',
  failure jsonb,
  started_at timestamptz not null default now(),
  ended_at timestamptz
);
create index on traitline.check_run (scope_id, number);
`,
}
