import type { Migration } from './migration.ts'

/** A receiver that refuses all it is told leaves messages for weeks: they are counted, shown and retried by themselves. */
export const deadMessages: Migration = {
  number: 25,
  name: 'dead-messages',
  sql: `create index outbox_dead on traitline.outbox (scope_id, channel, id) where state = 'dead'`,
}
