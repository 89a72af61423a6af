import type { Migration } from './migration.ts'

/**
 * The first record. Assets have an id beside their key, so that history can outlive a rename. Everything that
 * happened is in `event`; `asset_status`, `run_asset` and `run.counts` are projections that are written with it.
 */
export const record: Migration = {
  number: 1,
  name: 'record',
  sql: `
create table traitline.scope (
  id integer generated always as identity primary key,
  environment text not null,
  project text not null,
  unique (environment, project)
);

-- A manifest is kept once, however often it is deployed. json, not jsonb: its text is what was hashed.
create table traitline.manifest (
  hash text primary key,
  body json not null
);

create table traitline.revision (
  scope_id integer not null references traitline.scope,
  number integer not null,
  manifest_hash text not null references traitline.manifest,
  diff jsonb not null,
  deployed_at timestamptz not null default now(),
  deployed_by text,
  asset_count integer not null,
  primary key (scope_id, number)
);

create table traitline.asset (
  id bigint generated always as identity primary key,
  scope_id integer not null references traitline.scope,
  key text not null,
  registered_at timestamptz not null default now(),
  unique (scope_id, key)
);

-- One row an asset: what planning and the page read. Rewritten often, hence the room left in its pages.
create table traitline.asset_status (
  asset_id bigint primary key references traitline.asset,
  status text not null default 'never',
  run text,
  last_attempt text not null default 'none',
  materialized_at timestamptz,
  rows bigint,
  data_version text,
  code_version text,
  upstream jsonb,
  warehouse text,
  failed_checks text[] not null default '{}',
  failure jsonb,
  sequence bigint not null default 0
) with (fillfactor = 70);

create table traitline.run (
  id text primary key,
  number bigint generated always as identity unique,
  scope_id integer not null references traitline.scope,
  revision integer not null,
  selection text not null,
  targets text[] not null,
  force boolean not null,
  status text not null default 'queued',
  queued_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,
  fresh integer,
  pages integer,
  counts jsonb,
  failure jsonb
);
create index on traitline.run (scope_id, number);
create index on traitline.run (scope_id, number) where ended_at is null;

create table traitline.plan_page (
  run text not null references traitline.run,
  page integer not null,
  steps json not null,
  primary key (run, page)
);

create table traitline.run_asset (
  run text not null references traitline.run,
  asset_id bigint not null references traitline.asset,
  position integer not null default 0,
  step text not null,
  status text not null,
  reasons jsonb not null default '[]',
  attempt integer not null default 0,
  started_at timestamptz,
  ended_at timestamptz,
  failure jsonb,
  upstream text,
  reason text,
  summary text,
  rows bigint,
  primary key (run, asset_id)
) with (fillfactor = 80);

create table traitline.materialization (
  id bigint generated always as identity primary key,
  asset_id bigint not null references traitline.asset,
  run text not null references traitline.run,
  revision integer not null,
  code_version text not null,
  data_version text not null,
  upstream jsonb not null,
  warehouse text not null,
  rows bigint,
  started_at timestamptz not null,
  ended_at timestamptz not null,
  duration_ms double precision not null,
  statistics jsonb not null,
  metadata jsonb not null,
  failed_checks text[] not null,
  summary text,
  unique (run, asset_id)
);
create index on traitline.materialization (asset_id, id);

create table traitline.check_result (
  materialization_id bigint not null references traitline.materialization,
  position integer not null,
  asset_id bigint not null,
  name text not null,
  severity text not null,
  passed boolean not null,
  failures bigint,
  message text,
  primary key (materialization_id, position)
);
create index on traitline.check_result (asset_id, materialization_id);

create sequence traitline.event_sequence;

-- Readers follow the log by its last sequence, so a sequence must not become visible after a higher one did. Whoever
-- appends holds this lock from before its first number is drawn until its transaction has ended. A rule on snapshots
-- (show what is older than the oldest transaction under way) would need no lock, but a long transaction of any other
-- database of the server, such as a warehouse's, would hold every reader back. NOTIFY takes such a lock at commit
-- anyway, so little is lost. Nothing may be locked after it but rows of asset_status, which are written under it
-- alone: hence statements sort what they append, which makes them do all that goes before first.
create function traitline.next_event_sequence() returns bigint language plpgsql as $$
begin
  perform pg_advisory_xact_lock(7224860154);
  return nextval('traitline.event_sequence');
end $$;

create table traitline.event (
  sequence bigint not null default traitline.next_event_sequence(),
  at timestamptz not null default clock_timestamp(),
  scope_id integer not null,
  run text,
  asset_id bigint,
  type text not null,
  data jsonb not null,
  primary key (sequence, at)
) partition by range (at);
create index on traitline.event (run, sequence) where run is not null;
create index on traitline.event (asset_id, sequence) where asset_id is not null;
-- Catches what no month's partition takes: an event is never refused for want of one.
create table traitline.event_default partition of traitline.event default;

create function traitline.notify_events() returns trigger language plpgsql as $$
begin
  perform pg_notify('traitline_events', '');
  return null;
end $$;
create trigger notify_events after insert on traitline.event
  for each statement execute function traitline.notify_events();

-- A partitioned table can hold no unique key without the time in it.
create table traitline.event_key (
  scope_id integer not null,
  run text not null,
  key text not null,
  primary key (scope_id, run, key)
);

create table traitline.log_stream (
  run text not null,
  step text not null,
  lines bigint not null,
  primary key (run, step)
) with (fillfactor = 70);

-- One row a call: the lines first to first + count - 1. The digest tells a repeated call.
create table traitline.log_chunk (
  run text not null,
  step text not null,
  first bigint not null,
  count integer not null,
  lines json not null,
  digest text not null,
  primary key (run, step, first),
  unique (run, step, digest)
);

create table traitline.sync_writer (
  asset_id bigint primary key references traitline.asset,
  epoch bigint not null,
  holder text not null,
  acquired_at timestamptz not null default now()
);

create table traitline.sync_run (
  id text primary key,
  number bigint generated always as identity unique,
  asset_id bigint not null references traitline.asset,
  run text not null,
  status text not null default 'frozen',
  mode text not null,
  batches integer not null,
  planned jsonb not null,
  sent bigint,
  accepted bigint,
  skipped bigint,
  rejected bigint,
  unknown bigint,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  unique (run, asset_id)
);
create index on traitline.sync_run (asset_id, number);

create table traitline.sync_batch (
  sync_run text not null references traitline.sync_run,
  batch integer not null,
  first_ordinal bigint not null,
  last_ordinal bigint not null,
  payload_hash text not null,
  state text not null default 'intent',
  intended_at timestamptz not null default now(),
  resolved_at timestamptz,
  primary key (sync_run, batch)
) with (fillfactor = 80);

create table traitline.sync_exception (
  sync_run text not null references traitline.sync_run,
  ordinal bigint not null,
  fate text not null,
  code text not null,
  message text not null,
  primary key (sync_run, ordinal)
);
`,
}
