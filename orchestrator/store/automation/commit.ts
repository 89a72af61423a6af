import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Db, Tx } from '../database/database.ts'
import { toJson } from '../database/json.ts'
import { appendEvents } from '../events/append.ts'
import { insertRequests, requestedEvents } from './run-requests.ts'
import type { AutomationStore } from './types.ts'

type Commit = Parameters<AutomationStore['commit']>[0]

/** Trees are some hundred bytes each: a statement takes this many. */
const batch = 1_000

/** Of decisions that are no asset's latest. */
const keptDays = 30

export async function commitEvaluation(db: Db, scopeId: number, input: Commit): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    if (!(await advance(tx, scopeId, input))) return false
    for (let from = 0; from < input.decisions.length; from += batch) {
      await keep(tx, scopeId, input, input.decisions.slice(from, from + batch))
    }
    await settleTimes(tx, scopeId, input.now)
    await prune(tx, scopeId, input.now)
    const request = input.request && { ...input.request, origin: 'automation', key: input.request.run }
    const added = await insertRequests(tx, scopeId, request === null ? [] : [request])
    await appendEvents(tx, scopeId, requestedEvents(added))
    return true
  })
}

async function advance(tx: Tx, scopeId: number, { last, sequence, revision, ticks, now }: Commit): Promise<boolean> {
  const row = { sequence, revision, ticks: toJson(ticks), evaluated_at: now }
  const changed =
    last === null
      ? await tx
          .insertInto('automation')
          .values({ scope_id: scopeId, version: 1, ...row })
          .onConflict((conflict) => conflict.doNothing())
          .returning('version')
          .executeTakeFirst()
      : await tx
          .updateTable('automation')
          .set({ version: last.version + 1, ...row })
          .where('scope_id', '=', scopeId)
          .where('version', '=', last.version)
          .returning('version')
          .executeTakeFirst()
  return changed !== undefined
}

/** Memories of all, and an evaluation for each whose decision became another. */
async function keep(tx: Tx, scopeId: number, input: Commit, decisions: Commit['decisions']): Promise<void> {
  const rows = decisions.map(({ asset, outcome, summary, tree, cause, nextAt, memory }) => {
    const run = outcome === 'requested' ? (input.request?.run ?? null) : null
    const text = JSON.stringify(tree)
    return {
      key: asset,
      ...{ outcome, summary, tree: text, decision_cause: cause, decision_run: run },
      digest: createHash('sha256')
        .update(`${outcome}\n${summary}\n${cause ?? ''}\n${text}`)
        .digest('base64url'),
      ...{ condition: memory.condition, cause: memory.cause, run: run ?? memory.run, sequence: memory.sequence },
      ...{ ticks: memory.ticks, next_at: nextAt },
    }
  })
  await sql`
    with new as materialized (
      select asset.id, new.* from jsonb_to_recordset(${toJson(rows)}::jsonb) as new (key text, outcome text,
        summary text, tree text, decision_cause text, decision_run text, digest text, condition text, cause text,
        run text, sequence bigint, ticks jsonb, next_at timestamptz)
      join traitline.asset on asset.scope_id = ${scopeId}::integer and asset.key = new.key
    ), evaluated as (
      insert into traitline.automation_evaluation (asset_id, at, revision, outcome, summary, tree, cause, run)
      select new.id, ${input.now}::timestamptz, ${input.revision}::integer, outcome, summary, tree::json,
        decision_cause, decision_run
      from new left join traitline.automation_asset known on known.asset_id = new.id
      where known.digest is distinct from new.digest
      returning id, asset_id
    )
    insert into traitline.automation_asset
      (asset_id, condition, cause, run, sequence, ticks, next_at, digest, evaluation)
    select new.id, condition, cause, run, sequence, ticks, next_at, digest, coalesce(evaluated.id, 0)
    from new left join evaluated on evaluated.asset_id = new.id
    on conflict (asset_id) do update
      set condition = excluded.condition, cause = excluded.cause, run = excluded.run, sequence = excluded.sequence,
        ticks = excluded.ticks, next_at = excluded.next_at, digest = excluded.digest,
        evaluation = greatest(automation_asset.evaluation, excluded.evaluation)
      where (automation_asset.condition, automation_asset.cause, automation_asset.run, automation_asset.sequence,
        automation_asset.ticks, automation_asset.next_at, automation_asset.digest)
        is distinct from (excluded.condition, excluded.cause, excluded.run, excluded.sequence, excluded.ticks,
        excluded.next_at, excluded.digest)`.execute(tx)
}

/** What was due has been looked at, or is in no revision any more. */
async function settleTimes(tx: Tx, scopeId: number, now: string): Promise<void> {
  await sql`
    update traitline.automation_asset set next_at = null from traitline.asset
    where asset.id = asset_id and asset.scope_id = ${scopeId}::integer and next_at <= ${now}::timestamptz`.execute(tx)
}

/** Once a day. The latest decision of an asset stays, however old. */
async function prune(tx: Tx, scopeId: number, now: string): Promise<void> {
  const due = await tx
    .updateTable('automation')
    .set({ pruned_at: now })
    .where('scope_id', '=', scopeId)
    .where(sql<boolean>`pruned_at < ${now}::timestamptz - interval '1 day'`)
    .returning('scope_id')
    .executeTakeFirst()
  if (!due) return
  await sql`
    delete from traitline.automation_evaluation using traitline.automation_asset, traitline.asset
    where automation_asset.asset_id = automation_evaluation.asset_id and asset.id = automation_asset.asset_id
      and asset.scope_id = ${scopeId}::integer and automation_evaluation.id <> automation_asset.evaluation
      and at < ${now}::timestamptz - make_interval(days => ${keptDays})`.execute(tx)
}
