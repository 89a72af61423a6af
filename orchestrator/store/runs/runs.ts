import { sql } from 'kysely'
import type { AssetKey, PlanPage } from '../../contract/index.ts'
import type { Database } from '../database/database.ts'
import { toJson } from '../database/json.ts'
import { appendEvents } from '../events/append.ts'
import type { EventPartitions } from '../events/partitions.ts'
import type { RunRow, RunStore } from '../store.ts'
import { currentCounts } from './counts.ts'
import { finishRun } from './finish.ts'
import { savePlan } from './save-plan.ts'
import { readStepTimes } from './step-times.ts'
import { unknownRun } from './unknown-run.ts'

export function createRunStore(database: Database, partitions: EventPartitions): RunStore {
  const { db, scopes } = database

  const runQuery = db
    .selectFrom('run')
    .innerJoin('scope', 'scope.id', 'run.scope_id')
    .select([
      'environment',
      'project',
      'run.id as run',
      'revision',
      'selection',
      'targets',
      'force',
      'run.partitions',
      'status',
    ])
    .select(['queued_at as queuedAt', 'started_at as startedAt', 'ended_at as endedAt', 'failure'])
    .select(['tags', 'run.priority', 'parent', 'config', 'sync'])
    .select(currentCounts.as('counts'))

  async function planPage(run: string, page: number): Promise<PlanPage> {
    const row = await db
      .selectFrom('plan_page')
      .innerJoin('run', 'run.id', 'plan_page.run')
      .select(['steps', 'fresh', 'force', 'pages'])
      .where('plan_page.run', '=', run)
      .where('page', '=', page)
      .executeTakeFirst()
    if (!row) throw unknownRun(`${run} (page ${page} of its plan)`)
    const next = page + 1 < row.pages! ? page + 1 : null
    return { steps: row.steps, fresh: row.fresh!, force: row.force, next }
  }

  return {
    async stepEnded(run, step) {
      const { rows } = await sql<{ open: boolean }>`
        select exists (
          select 1 from traitline.run where id = ${run} and ended_at is null and (
            pages is null or exists (
              select 1 from traitline.run_asset where run = ${run} and step = ${step} and status in ('planned', 'running')
            )
          )
        ) as open`.execute(db)
      return rows[0]?.open !== true
    },

    stepTimes: (runs, steps) => readStepTimes(db, runs, steps),

    async create({
      scope,
      run,
      revision,
      selection,
      targets,
      force,
      tags = {},
      priority,
      parent,
      partitions: selected,
      config,
      sync,
    }) {
      const scopeId = await scopes.ensure(scope)
      await partitions.ensure()
      await db.transaction().execute(async (tx) => {
        const created = await tx
          .insertInto('run')
          .values({
            ...{ id: run, scope_id: scopeId, revision, selection, targets: [...targets], force },
            ...{ tags: toJson(tags), priority: priority ?? null, parent: parent ?? null },
            partitions: selected ?? null,
            config: config && Object.keys(config).length > 0 ? toJson(config) : null,
            sync: sync && Object.keys(sync).length > 0 ? toJson(sync) : null,
          })
          .onConflict((conflict) => conflict.doNothing())
          .returning('id')
          .executeTakeFirst()
        if (!created) return
        const data = {
          ...{ revision, selection, targets: targets.length, force },
          ...(Object.keys(tags).length > 0 && { tags }),
          ...(parent !== undefined && { parent }),
          ...(selected && { partitions: selected }),
          // Which, not what: values stay with the run.
          ...(config && Object.keys(config).length > 0 && { configured: Object.keys(config) }),
        }
        await appendEvents(tx, scopeId, [{ run, type: 'run_queued', data }])
      })
    },

    async get(run) {
      return (await runQuery.where('run.id', '=', run).executeTakeFirst()) ?? null
    },

    async list(scope, { limit, before, tags, status }): Promise<RunRow[]> {
      const scopeId = await scopes.find(scope)
      if (scopeId === null) return []
      return runQuery
        .where('run.scope_id', '=', scopeId)
        .$if(before !== undefined, (query) =>
          query.where('run.number', '<', (of) => of.selectFrom('run').select('number').where('id', '=', before!)),
        )
        .$if(tags !== undefined && Object.keys(tags).length > 0, (query) =>
          query.where(sql<boolean>`run.tags <> '{}' and run.tags @> ${toJson(tags)}::jsonb`),
        )
        .$if(status !== undefined, (query) => query.where('run.status', '=', status!))
        .orderBy('run.number', 'desc')
        .limit(limit)
        .execute()
    },

    async open(scope) {
      const scopeId = await scopes.find(scope)
      if (scopeId === null) return []
      return runQuery
        .where('run.scope_id', '=', scopeId)
        .where('run.ended_at', 'is', null)
        .orderBy('run.number')
        .execute()
    },

    async assets(run) {
      const rows = await db
        .selectFrom('run_asset')
        .innerJoin('asset', 'asset.id', 'run_asset.asset_id')
        .select([
          'asset.key as asset',
          'step',
          'status',
          'reasons',
          'attempt',
          'failure',
          'summary',
          'rows',
          'partitions',
        ])
        .select(['started_at as startedAt', 'ended_at as endedAt'])
        .where('run', '=', run)
        .orderBy('position')
        .orderBy('asset_id')
        .execute()
      return rows
    },

    async unsuccessful(run) {
      const { rows } = await sql<{ key: AssetKey }>`
        select target.key from traitline.run
        cross join unnest(run.targets) with ordinality as target (key, place)
        left join traitline.asset on asset.scope_id = run.scope_id and asset.key = target.key
        left join traitline.run_asset ran on ran.run = run.id and ran.asset_id = asset.id
        left join traitline.materialization made on made.run = run.id and made.asset_id = asset.id
        where run.id = ${run} and (ran.status is null or ran.status not in ('materialized', 'fresh')
          or cardinality(made.failed_checks) > 0)
        order by target.place`.execute(db)
      return rows.map(({ key }) => key)
    },

    async savePlan(run, plan) {
      await partitions.ensure()
      await savePlan(database, run, plan)
      return planPage(run, 0)
    },

    planPage,

    async hasPlan(run) {
      const row = await db
        .selectFrom('run')
        .select(sql<boolean>`pages is not null`.as('planned'))
        .where('id', '=', run)
        .executeTakeFirst()
      return row?.planned ?? false
    },

    async finish(run, status, failure) {
      await partitions.ensure()
      await finishRun(database, run, status, failure)
    },
  }
}
