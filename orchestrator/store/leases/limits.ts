import type { PoolLimit, Scope } from '../../contract/index.ts'
import type { Db } from '../database/database.ts'
import type { PoolLimitRow } from '../store.ts'
import type { Limits } from './decide.ts'

/** The source of limits that operators set. */
export const operator = ''

/** The limits that a project declares, in place of those that it declared before. */
export async function declareLimits(
  tx: Db,
  { environment, project }: Scope,
  pools: readonly PoolLimit[],
): Promise<void> {
  await tx.deleteFrom('pool_limit').where('environment', '=', environment).where('source', '=', project).execute()
  if (pools.length === 0) return
  await tx
    .insertInto('pool_limit')
    .values(pools.map(({ pool, slots }) => ({ environment, pool, source: project, slots })))
    .execute()
}

export async function readLimits(db: Db, environment: string): Promise<PoolLimitRow[]> {
  const rows = await db
    .selectFrom('pool_limit')
    .select(['pool', 'source', 'slots'])
    .where('environment', '=', environment)
    .orderBy('pool')
    .orderBy('source')
    .execute()
  return rows.map(({ pool, source, slots }) => ({ pool, slots, project: source === operator ? null : source }))
}

/** What holds: an operator's limit; else, of those that projects declare, the lowest. */
export function effectiveLimits(rows: readonly PoolLimitRow[]): Limits {
  const limits = new Map<string, number>()
  for (const { pool, slots, project } of rows) {
    if (project !== null) limits.set(pool, Math.min(slots, limits.get(pool) ?? Infinity))
  }
  for (const { pool, slots, project } of rows) if (project === null) limits.set(pool, slots)
  return limits
}
