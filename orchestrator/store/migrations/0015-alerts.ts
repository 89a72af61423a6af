import type { Migration } from './migration.ts'

/** Messages of alerts wait here until they are delivered; what was said and not taken back is in `alert_open`. */
export const alerts: Migration = {
  number: 15,
  name: 'alerts',
  sql: `
create table traitline.alert_cursor (
  scope_id integer primary key references traitline.scope,
  sequence bigint not null
);

create table traitline.alert_open (
  scope_id integer not null references traitline.scope,
  alert text not null,
  subject text not null,
  item jsonb not null,
  since timestamptz not null default now(),
  told_at timestamptz not null default now(),
  primary key (scope_id, alert, subject)
);

create table traitline.alert_outbox (
  id bigint generated always as identity primary key,
  scope_id integer not null references traitline.scope,
  alert text not null,
  -- Of one cause there is one message to a target.
  cause text not null,
  position integer not null,
  target jsonb not null,
  body jsonb not null,
  state text not null default 'waiting',
  attempts integer not null default 0,
  due_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  ended_at timestamptz,
  problem text,
  unique (scope_id, alert, cause, position)
) with (fillfactor = 80);
create index on traitline.alert_outbox (scope_id, due_at) where state = 'waiting';
`,
}
