import type { Migration } from './migration.ts'

/** Backfills: what was asked, and the batches that it was cut into, each a run of its own. */
export const backfills: Migration = {
  number: 16,
  name: 'backfills',
  sql: `
create table traitline.backfill (
  id text primary key,
  number bigint generated always as identity unique,
  scope_id integer not null references traitline.scope,
  revision integer not null,
  selection text not null,
  partitions text not null,
  targets text[] not null,
  force boolean not null,
  batch_size integer not null,
  runs integer not null,
  status text not null default 'running',
  created_at timestamptz not null default now(),
  ended_at timestamptz,
  planned boolean not null default false,
  failure jsonb
);
create index on traitline.backfill (scope_id, number);

create table traitline.backfill_batch (
  backfill text not null references traitline.backfill,
  batch integer not null,
  level integer not null,
  targets text[] not null,
  partitions text,
  size integer not null,
  status text not null default 'waiting',
  run text,
  started_at timestamptz,
  ended_at timestamptz,
  primary key (backfill, batch)
);
create index on traitline.backfill_batch (backfill, status, level, batch);
`,
}
