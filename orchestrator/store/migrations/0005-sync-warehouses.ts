import type { Migration } from './migration.ts'

/** What a sync run delivered is merged into the ledger of the warehouse that froze it, and of no other. */
export const syncWarehouses: Migration = {
  number: 5,
  name: 'sync warehouses',
  sql: `
alter table traitline.sync_run add column warehouse text;
`,
}
