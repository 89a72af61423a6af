import type { Migration } from './migration.ts'

/** Which partitions a run is asked for. */
export const requestPartitions: Migration = {
  number: 22,
  name: 'request_partitions',
  sql: `
alter table traitline.run_request add column partitions text;
create index on traitline.run_request (scope_id, settled_at) where settled_at is not null;
`,
}
