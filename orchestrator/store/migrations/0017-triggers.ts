import type { Migration } from './migration.ts'

/** Sensors with their cursors, and deliveries of webhooks. */
export const triggers: Migration = {
  number: 17,
  name: 'triggers',
  sql: `
-- \`polls\` rises with each that is kept: of two at once the second keeps nothing.
create table traitline.sensor (
  scope_id integer not null references traitline.scope,
  name text not null,
  cursor text,
  polls bigint not null,
  polled_at timestamptz not null,
  requested integer not null,
  failure jsonb,
  primary key (scope_id, name)
) with (fillfactor = 70);

-- The payload is there from when a delivery came until it was looked at.
create table traitline.webhook_delivery (
  scope_id integer not null references traitline.scope,
  webhook text not null,
  id text not null,
  received_at timestamptz not null default now(),
  settled_at timestamptz,
  payload json,
  requested integer not null default 0,
  failure jsonb,
  primary key (scope_id, webhook, id)
);
create index on traitline.webhook_delivery (received_at);
`,
}
