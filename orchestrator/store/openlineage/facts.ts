import { sql } from 'kysely'
import type { AssetKey, CheckResult, EventType, JsonObject } from '../../contract/index.ts'
import type { Database } from '../database/database.ts'
import type { MaterializationRow, OpenLineageFact, OpenLineageReader } from '../store.ts'

export function createOpenLineageReader({ db, scopes }: Database): OpenLineageReader {
  return {
    async facts(scope, after, limit) {
      const scopeId = await scopes.ensure(scope)
      const { rows } = await sql<FactRow>`
        select event.sequence, event.at, event.run, asset.key as asset, event.type, event.data,
          coalesce(ran.started_at is not null, false) as begun,
          case when made.id is not null then to_jsonb(made) end as made,
          (select coalesce(jsonb_agg(jsonb_build_object('name', name, 'severity', severity, 'passed', passed,
              'failures', failures, 'message', message, 'blocking', blocking, 'metadata', metadata) order by position), '[]')
            from traitline.check_result where materialization_id = made.id and check_result.run = made.run) as checks
        from traitline.event
        left join traitline.asset on asset.id = event.asset_id
        left join traitline.run_asset ran on ran.run = event.run and ran.asset_id = event.asset_id
        left join lateral (
          select * from traitline.materialization
          where event.type = 'asset_materialized' and run = event.run and asset_id = event.asset_id
          union all
          -- What others report belongs to no run.
          select * from traitline.materialization
          where event.type = 'asset_materialized' and event.run is null
            and id = (event.data ->> 'materialization')::bigint
          limit 1
        ) made on true
        where event.scope_id = ${scopeId}::integer and event.sequence > ${after}::bigint
        order by event.sequence limit ${limit}::integer`.execute(db)
      const facts = rows.flatMap((row): OpenLineageFact[] =>
        row.run === null && row.made === null
          ? []
          : [{ event: { ...scope, ...eventOf(row) }, begun: row.begun, materialization: madeOf(row) }],
      )
      return { facts, last: rows.at(-1)?.sequence ?? after }
    },

    async scheduledAt(run) {
      const { rows } = await sql<{ at: string | null }>`
        select data ->> 'scheduledAt' as at from traitline.event
        where run = ${run} and type = 'run_requested' limit 1`.execute(db)
      return rows[0]?.at ?? null
    },
  }
}

interface FactRow {
  readonly sequence: number
  readonly at: string
  readonly run: string | null
  readonly asset: AssetKey | null
  readonly type: EventType
  readonly data: JsonObject
  readonly begun: boolean
  readonly made: StoredMaterialization | null
  readonly checks: readonly CheckResult[]
}

/** A row of `materialization` as JSON. */
interface StoredMaterialization {
  readonly id: number
  readonly run: string
  readonly revision: number
  readonly code_version: string
  readonly data_version: string
  readonly upstream: MaterializationRow['upstream']
  readonly warehouse: string
  readonly rows: number | null
  readonly started_at: string
  readonly ended_at: string
  readonly duration_ms: number
  readonly statistics: MaterializationRow['statistics']
  readonly metadata: JsonObject
}

function eventOf({ sequence, at, run, asset, type, data }: FactRow) {
  return { sequence, at, run, asset, type, data }
}

function madeOf({ made, asset, checks }: FactRow): MaterializationRow | null {
  if (made === null || asset === null) return null
  const { run, revision, upstream, warehouse, rows, statistics, metadata } = made
  return {
    id: String(made.id),
    ...{ asset, run, revision, upstream, warehouse, rows, statistics, checks, metadata },
    codeVersion: made.code_version,
    dataVersion: made.data_version,
    startedAt: new Date(made.started_at).toISOString(),
    endedAt: new Date(made.ended_at).toISOString(),
    durationMs: made.duration_ms,
  }
}
