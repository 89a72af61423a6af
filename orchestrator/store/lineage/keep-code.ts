import { createHash } from 'node:crypto'
import type { ModelCodes } from '../../contract/index.ts'
import type { Tx } from '../database/database.ts'
import { toJson } from '../database/json.ts'

/** Keeps a revision's code, once for all revisions that have the same: with it the lineage is there to be computed. */
export async function keepCode(tx: Tx, scopeId: number, revision: number, code: ModelCodes): Promise<void> {
  const body = toJson(code)
  const hash = createHash('sha256').update(body).digest('hex')
  await tx
    .insertInto('model_code')
    .values({ hash, body })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  await tx
    .insertInto('revision_lineage')
    .values({ scope_id: scopeId, revision, code: hash })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}
