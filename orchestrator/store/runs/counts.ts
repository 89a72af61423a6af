import { sql } from 'kysely'
import type { AssetOutcomeStatus } from '../../contract/index.ts'
import type { Db } from '../database/database.ts'

type Counts = Partial<Record<AssetOutcomeStatus, number>>

/** Assets of a run by outcome, and partitions of those that have them; for use in a query of the table `run`. */
export const countedOutcomes = sql<Counts>`(
  select coalesce(jsonb_object_agg(status, assets), '{}') from (
    select status, count(*) as assets from (
      select status from traitline.run_asset where run_asset.run = run.id and partitions is null
      union all
      select status from traitline.run_partition where run_partition.run = run.id
    ) ended
    where status not in ('planned', 'running')
    group by status
  ) by_status
)`

/** Of an ended run from its row, of one under way counted now. */
export const currentCounts = sql<Counts>`coalesce(run.counts, ${countedOutcomes})`

export async function refreshCounts(db: Db, run: string): Promise<void> {
  await db
    .updateTable('run')
    .set({ counts: sql<string>`${countedOutcomes}` })
    .where('id', '=', run)
    .execute()
}
