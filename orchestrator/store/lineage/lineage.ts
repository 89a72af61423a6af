import { sql } from 'kysely'
import type { Manifest, ModelCodes } from '../../contract/index.ts'
import type { Database } from '../database/database.ts'
import { toJson } from '../database/json.ts'
import { appendEvents } from '../events/append.ts'
import type { EventPartitions } from '../events/partitions.ts'
import type { LineageStore } from '../store.ts'
import { fromCompact, toCompact } from './compact.ts'

export function createLineageStore({ db, scopes }: Database, partitions: EventPartitions): LineageStore {
  /** Cheap, since it is asked often. */
  async function isOpen(scopeId: number): Promise<boolean> {
    const { rows } = await sql<{ open: boolean }>`
      select kept.lineage is null and (kept.claimed_until is null or kept.claimed_until < now()) as open
      from traitline.revision
      left join traitline.revision_lineage kept on kept.scope_id = revision.scope_id and kept.revision = revision.number
      where revision.scope_id = ${scopeId} order by number desc limit 1`.execute(db)
    return rows[0]?.open === true
  }

  return {
    async claim(scope, seconds) {
      const scopeId = await scopes.find(scope)
      if (scopeId === null) return null
      if (!(await isOpen(scopeId))) return null
      // The condition stands in the update too: of two at once, one finds the row claimed when it gets to it.
      const { rows } = await sql<{ revision: number }>`
        insert into traitline.revision_lineage (scope_id, revision, claimed_until)
        select scope_id, number, now() + make_interval(secs => ${seconds}::double precision)
        from traitline.revision where scope_id = ${scopeId}
        order by number desc limit 1
        on conflict (scope_id, revision) do update set claimed_until = excluded.claimed_until
        where revision_lineage.lineage is null
          and (revision_lineage.claimed_until is null or revision_lineage.claimed_until < now())
        returning revision`.execute(db)
      const [claimed] = rows
      if (claimed === undefined) return null
      const row = await db
        .selectFrom('revision')
        .innerJoin('manifest', 'manifest.hash', 'revision.manifest_hash')
        .select('manifest.body')
        .where('scope_id', '=', scopeId)
        .where('number', '=', claimed.revision)
        .executeTakeFirstOrThrow()
      const manifest: Manifest = row.body
      return { revision: claimed.revision, manifest, code: await this.code(scope, claimed.revision) }
    },

    async has(hash) {
      return (await db.selectFrom('lineage').select('hash').where('hash', '=', hash).executeTakeFirst()) !== undefined
    },

    async save(scope, revision, hash, lineage) {
      const scopeId = await scopes.ensure(scope)
      await partitions.ensure()
      await db.transaction().execute(async (tx) => {
        if (lineage !== null) {
          await tx
            .insertInto('lineage')
            .values({ hash, body: toJson(toCompact(lineage)) })
            .onConflict((conflict) => conflict.doNothing())
            .execute()
        }
        const saved = await tx
          .updateTable('revision_lineage')
          .set({ lineage: hash, claimed_until: null, failure: null })
          .where('scope_id', '=', scopeId)
          .where('revision', '=', revision)
          .where('lineage', 'is', null)
          .returning('revision')
          .executeTakeFirst()
        if (saved === undefined) return
        await appendEvents(tx, scopeId, [{ run: null, type: 'lineage_computed', data: { revision } }])
      })
    },

    async fail(scope, revision, failure) {
      const scopeId = await scopes.ensure(scope)
      await db
        .updateTable('revision_lineage')
        .set({ failure: toJson(failure) })
        .where('scope_id', '=', scopeId)
        .where('revision', '=', revision)
        .where('lineage', 'is', null)
        .execute()
    },

    async get(scope, revision) {
      const scopeId = await scopes.find(scope)
      const row = await db
        .selectFrom('revision_lineage')
        .leftJoin('lineage', 'lineage.hash', 'revision_lineage.lineage')
        .select(['lineage.body', 'failure'])
        .where('scope_id', '=', scopeId ?? -1)
        .where('revision', '=', revision)
        .executeTakeFirst()
      if (row?.body) return { status: 'ready', lineage: fromCompact(row.body) }
      return { status: 'pending', failure: row?.failure ?? null }
    },

    async code(scope, revision): Promise<ModelCodes> {
      const scopeId = await scopes.find(scope)
      const row = await db
        .selectFrom('revision_lineage')
        .innerJoin('model_code', 'model_code.hash', 'revision_lineage.code')
        .select('model_code.body')
        .where('scope_id', '=', scopeId ?? -1)
        .where('revision', '=', revision)
        .executeTakeFirst()
      return row?.body ?? {}
    },
  }
}
