import type { Migration } from './migration.ts'

/**
 * One outbox for all that is told to others, in the place of two of the same shape. What waits in those moves: alerts
 * keep their ids, which receivers know them by.
 */
export const outbox: Migration = {
  number: 20,
  name: 'outbox',
  sql: `
create table traitline.outbox_channel (
  scope_id integer not null references traitline.scope,
  channel text not null,
  -- Where the event log was read to; null as long as nobody reads it for the channel.
  sequence bigint,
  failures integer not null default 0,
  paused_until timestamptz,
  problem text,
  problem_at timestamptz,
  delivered_at timestamptz,
  primary key (scope_id, channel)
);

create table traitline.outbox (
  id bigint generated always as identity primary key,
  scope_id integer not null references traitline.scope,
  channel text not null,
  -- Messages of a lane go one after another.
  lane text not null,
  key text not null,
  body json not null,
  state text not null default 'waiting',
  -- Id of the first message of those that are sent together.
  batch bigint,
  attempts integer not null default 0,
  pace_seconds double precision not null default 0,
  due_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  ended_at timestamptz,
  problem text,
  unique (scope_id, channel, key)
) with (fillfactor = 80);
create index on traitline.outbox (scope_id, channel, lane, id) where state = 'waiting';
create index on traitline.outbox (scope_id, channel, id);
create index on traitline.outbox (scope_id, channel, lane, ended_at) where state = 'delivered';

insert into traitline.outbox_channel (scope_id, channel, sequence)
select scope_id, 'alerts', sequence from traitline.alert_cursor
union all
select scope_id, 'openlineage', sequence from traitline.openlineage_cursor;

insert into traitline.outbox
  (id, scope_id, channel, lane, key, body, state, batch, attempts, due_at, created_at, ended_at, problem)
overriding system value
select id, scope_id, 'alerts', alert || ':' || position, alert || ':' || cause || ':' || position,
  json_build_object('cause', cause, 'target', target, 'message', body), state, id, attempts, due_at, created_at,
  ended_at, problem
from traitline.alert_outbox order by id;

select setval(pg_get_serial_sequence('traitline.outbox', 'id'), coalesce(max(id), 0) + 1, false) from traitline.outbox;

insert into traitline.outbox
  (scope_id, channel, lane, key, body, state, attempts, due_at, ended_at, problem)
select scope_id, 'openlineage', run, sequence || ':' || part, body,
  case when refused is null then 'waiting' else 'dead' end, attempts, due_at, refused_at, refused
from traitline.openlineage_outbox order by id;

drop table traitline.alert_outbox, traitline.alert_cursor, traitline.openlineage_outbox, traitline.openlineage_cursor;
`,
}
