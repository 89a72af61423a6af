import type { Migration } from './migration.ts'

/** Planning asks how long each asset took: with its status, it is no search through what was ever materialised. */
export const durations: Migration = {
  number: 2,
  name: 'durations',
  sql: `
alter table traitline.asset_status add column duration_ms double precision;

update traitline.asset_status set duration_ms = (
  select duration_ms from traitline.materialization where asset_id = asset_status.asset_id order by id desc limit 1
);
`,
}
