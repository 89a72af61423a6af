import type { Migration } from './migration.ts'

/** Conditions, their evaluations, and runs that are to be started without anyone asking. */
export const automation: Migration = {
  number: 9,
  name: 'automation',
  sql: `
alter table traitline.asset_status
  add column changed_at timestamptz,
  add column materialized_sequence bigint;
update traitline.asset_status set changed_at = materialized_at, materialized_sequence = sequence
where materialized_at is not null;

-- How far a project's evaluation has read the log. The version rises with each: of two at once, one begins anew.
create table traitline.automation (
  scope_id integer primary key references traitline.scope,
  version bigint not null,
  sequence bigint not null,
  revision integer not null,
  ticks jsonb not null,
  evaluated_at timestamptz not null,
  pruned_at timestamptz not null default now()
);

create table traitline.automation_asset (
  asset_id bigint primary key references traitline.asset,
  condition text not null,
  cause text,
  run text,
  sequence bigint not null,
  ticks jsonb not null,
  next_at timestamptz,
  digest text not null,
  evaluation bigint not null
) with (fillfactor = 80);
create index on traitline.automation_asset (next_at) where next_at is not null;

-- One row each time that an asset's decision became another.
create table traitline.automation_evaluation (
  id bigint generated always as identity primary key,
  asset_id bigint not null references traitline.asset,
  at timestamptz not null,
  revision integer not null,
  outcome text not null,
  summary text not null,
  tree json not null,
  cause text,
  run text
);
create index on traitline.automation_evaluation (asset_id, id);
create index on traitline.automation_evaluation (at);

-- Runs that are to be started: written with what asks for them, started afterwards by whoever comes first.
create table traitline.run_request (
  run text primary key,
  number bigint generated always as identity unique,
  scope_id integer not null references traitline.scope,
  origin text not null,
  key text not null,
  revision integer not null,
  selection text not null,
  targets text[] not null,
  force boolean not null,
  requested_at timestamptz not null default now(),
  settled_at timestamptz,
  failure jsonb,
  unique (scope_id, origin, key)
);
create index on traitline.run_request (scope_id, number) where settled_at is null;
`,
}
