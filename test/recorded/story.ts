import { Client } from 'pg'
import type { AssetKey } from '../../orchestrator/contract/index.ts'
import type { Store } from '../../orchestrator/store/index.ts'
import { deploy, playRun, shopScope as scope } from './record.ts'
import { shopManifest } from './shop.ts'

/** Ids as the launcher makes them: a time first, then what tells them apart. */
export const storyRuns = {
  first: '01980000-0000-7000-8000-00000a11600d',
  fresh: '01980000-0001-7000-8000-0000000f4e54',
  failed: '01980000-0002-7000-8000-00000000dead',
  running: '01980000-0003-7000-8000-00000000beef',
  checks: '01980000-0004-7000-8000-000000c4ec45',
} as const

/**
 * The shop's first days: everything succeeds, nothing changes, a second revision comes, its notebook fails, and a last
 * run is under way. Each status is there to be seen.
 */
export async function recordStory(store: Store, url: string): Promise<void> {
  const first = shopManifest()
  const second = shopManifest({ second: true })
  const keys = first.assets.map(({ key }) => key)
  const all = second.assets.map(({ key }) => key)

  const one = await deploy(store, first, { added: keys })
  const base = { revision: one, manifest: first, selection: '*', targets: keys }
  await playRun(store, { ...base, run: storyRuns.first })
  await playRun(store, { ...base, run: storyRuns.fresh })
  const two = await deploy(store, second, {
    added: ['trait/predicted_value_90d'],
    changed: ['trait/value_tier', 'user_model/customer', 'audience/at_risk'],
    described: ['trait/lifetime_value'],
    settings: ['destination team: config'],
  })
  const targets: AssetKey[] = all.filter((key) => key !== 'user_model/customer' && !key.startsWith('sync/customers'))
  await playRun(store, {
    run: storyRuns.failed,
    revision: two,
    manifest: second,
    selection: '* and not user_model/*',
    targets,
    data: 'second day',
    failing: {
      'notebook/churn': {
        code: 'NOTEBOOK_FAILED',
        message: 'Cell 7 of notebooks/churn.ipynb raised ValueError: the training period has no purchase.',
        hint: 'Open the executed notebook under .traitline/runs, put the cell right, and run +notebook/churn+ again.',
        blame: 'user',
      },
    },
  })
  await playRun(store, {
    run: storyRuns.running,
    revision: two,
    manifest: second,
    selection: '+model/shop/browsing+1',
    targets: ['source/web_events', 'model/shop/browsing', 'trait/abandoned_cart', 'trait/favourite_genre'],
    force: true,
    data: 'third day',
    leftRunning: ['trait/abandoned_cart'],
  })
  await recordChecks(store, two)
  await spreadOverTime(url)
}

/** Somebody asked for the checks of a table alone. */
async function recordChecks(store: Store, revision: number): Promise<void> {
  const asset: AssetKey = 'model/shop/customers'
  const run = storyRuns.checks
  const made = await store.checks.latest(scope, asset)
  const check = { name: 'row_count_change', severity: 'error', blocking: true, failures: null } as const
  const results = [{ ...check, passed: true, message: null, metadata: { value: 23_570, before: 23_570, change: 0 } }]
  await store.checks.begin({ scope, run, revision, selection: asset, targets: [asset], accept: false })
  await store.checks.record({ scope, run, asset, materialization: made?.id ?? '', results, gone: [] })
  const counts = { passed: 1, warned: 0, failed: 0, skipped: 0 }
  await store.checks.finish(scope, run, { status: 'passed', counts, failure: null })
}

/** What took no time to record is spread over the time that it would have taken. */
async function spreadOverTime(url: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const ago = [
      [storyRuns.first, '26 hours'],
      [storyRuns.fresh, '25 hours'],
      [storyRuns.failed, '40 minutes'],
      [storyRuns.running, '24 seconds'],
    ] as const
    for (const [run, interval] of ago) {
      await client.query(
        `with placed as (
           select asset_id, row_number() over (order by position, asset_id) - 1 as place,
             now() - $2::interval + interval '900 milliseconds' as zero
           from traitline.run_asset where run = $1
         )
         update traitline.run_asset set
           started_at = case when started_at is null then null else zero + place * interval '640 milliseconds' end,
           ended_at = case when ended_at is null then null
             else zero + place * interval '640 milliseconds' + (1 + place % 5) * interval '480 milliseconds' end
         from placed where run_asset.run = $1 and run_asset.asset_id = placed.asset_id`,
        [run, interval],
      )
      await client.query(
        `update traitline.run set queued_at = now() - $2::interval, started_at = now() - $2::interval + interval '300 milliseconds',
           ended_at = case when ended_at is null then null
             else (select max(ended_at) from traitline.run_asset where run_asset.run = run.id) + interval '200 milliseconds' end
         where id = $1`,
        [run, interval],
      )
      await client.query(
        `update traitline.materialization set
           started_at = (select started_at from traitline.run_asset r where r.run = materialization.run and r.asset_id = materialization.asset_id),
           ended_at = (select ended_at from traitline.run_asset r where r.run = materialization.run and r.asset_id = materialization.asset_id)
         where run = $1`,
        [run],
      )
    }
    await client.query(
      `update traitline.asset_status set materialized_at =
         (select max(ended_at) from traitline.materialization m where m.asset_id = asset_status.asset_id)`,
    )
  } finally {
    await client.end()
  }
}
