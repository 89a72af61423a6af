import { sql } from 'kysely'
import type { Selectable } from 'kysely'
import type { AssetSpec, Scope } from '../../contract/index.ts'
import { renameAssets } from '../assets/rename.ts'
import { registerAssets } from '../assets/register.ts'
import type { Database } from '../database/database.ts'
import { toJson } from '../database/json.ts'
import type { Tables } from '../database/tables.ts'
import { appendEvents } from '../events/append.ts'
import { declareLimits } from '../leases/limits.ts'
import type { EventPartitions } from '../events/partitions.ts'
import { keepCode } from '../lineage/keep-code.ts'
import type { RevisionRow, RevisionStore } from '../store.ts'

type StoredRevision = Selectable<Tables['revision']>

export function createRevisionStore({ db, scopes }: Database, partitions: EventPartitions): RevisionStore {
  async function read(scope: Scope, number: number | null) {
    const scopeId = await scopes.find(scope)
    if (scopeId === null) return null
    let query = db
      .selectFrom('revision')
      .innerJoin('manifest', 'manifest.hash', 'revision.manifest_hash')
      .selectAll('revision')
      .select('manifest.body')
      .where('scope_id', '=', scopeId)
    query = number === null ? query.orderBy('number', 'desc').limit(1) : query.where('number', '=', number)
    const row = await query.executeTakeFirst()
    return row ? { ...revisionRow(scope, row), manifest: row.body } : null
  }

  return {
    async deploy({ scope, manifest, manifestHash, diff, deployedBy, code = {} }) {
      const scopeId = await scopes.ensure(scope)
      await partitions.ensure()
      return db.transaction().execute(async (tx) => {
        // One deployment of a project after another.
        await tx.selectFrom('scope').select('id').where('id', '=', scopeId).forNoKeyUpdate().execute()
        const latest = await tx
          .selectFrom('revision')
          .selectAll()
          .where('scope_id', '=', scopeId)
          .orderBy('number', 'desc')
          .limit(1)
          .executeTakeFirst()
        if (latest?.manifest_hash === manifestHash) return { ...revisionRow(scope, latest), created: false }
        await tx
          .insertInto('manifest')
          .values({ hash: manifestHash, body: toJson(manifest) })
          .onConflict((conflict) => conflict.doNothing())
          .execute()
        const row = await tx
          .insertInto('revision')
          .values({
            scope_id: scopeId,
            number: (latest?.number ?? 0) + 1,
            manifest_hash: manifestHash,
            diff: toJson(diff),
            deployed_by: deployedBy,
            asset_count: manifest.assets.length,
          })
          .returningAll()
          .executeTakeFirstOrThrow()
        await keepCode(tx, scopeId, row.number, code)
        await renameAssets(tx, scopeId, manifest.assets)
        await registerAssets(tx, scopeId, manifest.assets)
        await declareLimits(tx, scope, manifest.pools ?? [])
        const { added, removed, changed } = diff
        await appendEvents(tx, scopeId, [
          {
            run: null,
            type: 'revision_deployed',
            data: { revision: row.number, added: added.length, removed: removed.length, changed: changed.length },
          },
        ])
        return { ...revisionRow(scope, row), created: true }
      })
    },

    latest: (scope) => read(scope, null),
    get: (scope, number) => read(scope, number),

    async list(scope, { limit, before }) {
      const scopeId = await scopes.find(scope)
      if (scopeId === null) return []
      const rows = await db
        .selectFrom('revision')
        .selectAll()
        .where('scope_id', '=', scopeId)
        .$if(before !== undefined, (query) => query.where('number', '<', before!))
        .orderBy('number', 'desc')
        .limit(limit)
        .execute()
      return rows.map((row) => revisionRow(scope, row))
    },

    async specs(scope, number, keys) {
      const scopeId = await scopes.find(scope)
      if (scopeId === null || keys.length === 0) return []
      const { rows } = await sql<{ spec: AssetSpec }>`
        select spec from traitline.revision
        join traitline.manifest on manifest.hash = revision.manifest_hash
        cross join lateral json_array_elements(body -> 'assets') as spec
        where scope_id = ${scopeId} and number = ${number} and spec ->> 'key' = any(${keys}::text[])`.execute(db)
      return rows.map(({ spec }) => spec)
    },

    scopes: () =>
      db
        .selectFrom('scope')
        .select(['environment', 'project'])
        .where(sql<boolean>`exists (select 1 from traitline.revision where revision.scope_id = scope.id)`)
        .orderBy('environment')
        .orderBy('project')
        .execute(),
  }
}

function revisionRow({ environment, project }: Scope, row: StoredRevision): RevisionRow {
  return {
    environment,
    project,
    number: row.number,
    manifestHash: row.manifest_hash,
    diff: row.diff,
    deployedAt: row.deployed_at,
    deployedBy: row.deployed_by,
    assetCount: row.asset_count,
  }
}
