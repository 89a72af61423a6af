import type { Migration } from './migration.ts'

/**
 * Slots of pools as leases of workflows, and what a run says of itself. Leases are few and short-lived: a row is gone
 * when its slot is, and what happened is in the event log.
 */
export const leases: Migration = {
  number: 7,
  name: 'leases',
  sql: `
-- source: '' where an operator set it, else the project that declares it.
create table traitline.pool_limit (
  environment text not null,
  pool text not null,
  source text not null,
  slots integer not null check (slots >= 0),
  primary key (environment, pool, source)
);

-- A workflow has one lease or request; another execution of it takes its place, since Temporal runs one at a time.
create table traitline.lease (
  id bigint generated always as identity primary key,
  environment text not null,
  workflow_id text not null,
  execution text not null,
  project text not null,
  run text not null,
  step text,
  pools text[] not null,
  priority integer not null,
  requested_at timestamptz not null default clock_timestamp(),
  granted_at timestamptz,
  -- False from a grant on until its workflow knows of it.
  notified boolean not null default false,
  unique (environment, workflow_id)
);
create index on traitline.lease (run);

-- When a project last had its turn in a pool, as a number that rises with every grant.
create table traitline.pool_turn (
  environment text not null,
  pool text not null,
  project text not null,
  turn bigint not null,
  primary key (environment, pool, project)
);

alter table traitline.run
  add column tags jsonb not null default '{}',
  add column priority integer,
  add column parent text references traitline.run;
create index on traitline.run using gin (tags jsonb_path_ops) where tags <> '{}';
`,
}
