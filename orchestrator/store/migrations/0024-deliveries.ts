import type { Migration } from './migration.ts'

/**
 * What a webhook was sent lately is found without reading all that it was ever sent; and partitions that failed checks
 * before their totals told so are in them.
 */
export const deliveries: Migration = {
  number: 24,
  name: 'deliveries',
  sql: `
create index webhook_delivery_received on traitline.webhook_delivery (scope_id, webhook, received_at);
create index webhook_delivery_settled on traitline.webhook_delivery (scope_id, webhook, settled_at)
  where settled_at is not null;

-- Its triggers count them.
update traitline.asset_partition set failed_checks = failed_checks where failed_checks <> '{}';
`,
}
