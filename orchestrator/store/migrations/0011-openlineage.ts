import type { Migration } from './migration.ts'

/**
 * Events for an OpenLineage endpoint wait here, in order by run, until it has taken them. They are derived from the
 * event log by a cursor: nothing of a run waits for them.
 */
export const openlineage: Migration = {
  number: 11,
  name: 'openlineage',
  sql: `
create table traitline.openlineage_cursor (
  scope_id integer primary key references traitline.scope,
  sequence bigint not null
);

create table traitline.openlineage_outbox (
  id bigint generated always as identity primary key,
  scope_id integer not null references traitline.scope,
  run text not null,
  sequence bigint not null,
  part integer not null,
  body json not null,
  attempts integer not null default 0,
  due_at timestamptz not null default now(),
  -- What an endpoint will never take: it stays to be looked at, and holds nothing up.
  refused text,
  refused_at timestamptz,
  unique (scope_id, sequence, part)
) with (fillfactor = 80);
create index on traitline.openlineage_outbox (scope_id, run, id) where refused is null;
`,
}
