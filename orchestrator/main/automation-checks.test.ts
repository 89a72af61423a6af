import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createWarehouse } from '../../activities/warehouse/create-warehouse.ts'
import { eventually } from '../../test/harness/eventually.ts'
import { temporalAddress } from '../../test/harness/temporal.ts'
import { warehouseQueue, type AssetKey } from '../contract/index.ts'
import { automation, check, csv, entity, project, source, sql, trait } from '../define/index.ts'
import { createLauncher, createSchedules, newRunId } from '../launch/index.ts'
import { createServer } from '../server/index.ts'
import { createProgram } from './program.ts'
import { workerWorld } from './world.fixture.ts'

const { allDeps, checkPassed, eager } = automation

const purchases = source('purchases', {
  table: 'raw.purchases',
  columns: { customer_id: 'text', amount: 'number' },
  load: csv('purchases.csv'),
  checks: [check.typescript('complete', { module: 'checks/complete.ts', export: 'complete' })],
})
const customer = entity('customer', { key: 'customer_id', type: 'text' })
const spent = trait.continuous('spent', {
  of: customer,
  from: sql`select customer_id, sum(amount) as value from ${purchases} group by customer_id`,
  automation: eager(),
})
const bought = trait.continuous('bought', {
  of: customer,
  from: sql`select customer_id, count(*) as value from ${purchases} group by customer_id`,
  automation: allDeps(checkPassed('complete')),
})

test('what waits for a check starts when a check run passes it, and says until then what it waits for', async () => {
  const { home, dir, databaseUrl, warehouseUrl, store, temporal, scope, deploy, work } = await workerWorld()
  await mkdir(join(dir, 'checks'), { recursive: true })
  await writeFile(join(dir, 'purchases.csv'), 'customer_id,amount\na,14\n')
  // Whether all has arrived is known elsewhere: the table stays as it is.
  const arrived = join(home, 'arrived')
  await writeFile(
    join(dir, 'checks/complete.ts'),
    `import { existsSync } from 'node:fs'\nexport const complete = async () => ({ passed: existsSync('${arrived}') })\n`,
  )
  const { manifest, revision } = await deploy(project('shop', { assets: [spent, bought] }))
  await work()
  const launcher = createLauncher({ client: temporal.client, store })
  const { id } = createWarehouse({ url: warehouseUrl, home })
  const targets: AssetKey[] = ['source/purchases']
  const on = { scope, revision, manifest, selection: 'source/purchases', targets, concurrency: 2 }
  const queue = warehouseQueue(id, scope)
  await launcher.startRun({ ...on, force: false, run: newRunId(), warehouseQueue: queue })

  const server = createServer({
    ...{ store, launcher, schedules: createSchedules(temporal.client), scope, runs: { warehouse: id, concurrency: 2 } },
    pingTemporal: () => Promise.resolve(),
  })
  onTestFinished(() => server.close())
  const summaries = async (): Promise<readonly (string | undefined)[]> => {
    const response = await server.app.request('/api/v1/automation')
    const { items } = (await response.json()) as { items: { latest: { summary: string } | null }[] }
    return items.map(({ latest }) => latest?.summary)
  }
  await eventually(async () => (await summaries()).every((summary) => summary?.includes('complete') === true))
  expect([...(await summaries())].sort()).toEqual([
    'not yet: source/purchases has a failed blocking check: complete',
    'nothing to do: check complete of source/purchases failed',
  ])
  const alone = await server.app.request('/api/v1/automation?asset=trait/spent')
  expect(await alone.json()).toMatchObject({
    items: [{ asset: 'trait/spent', latest: { outcome: 'waiting', tree: { condition: 'eager', holds: false } } }],
  })
  const env = {
    ...{ DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: temporalAddress(), TRAITLINE_ENVIRONMENT: scope.environment },
    ...{ TRAITLINE_HOME: home, NO_COLOR: '1' },
  }
  const explained = await printed(() =>
    createProgram(env).parseAsync(['node', 'traitline', '--project', dir, 'automation', 'explain', 'trait/spent']),
  )
  expect(explained).toContain('not yet: source/purchases has a failed blocking check: complete')
  expect(explained).toMatch(/✗ not\(any_deps\(check_failed\)\)/)

  await writeFile(arrived, '')
  await launcher.startChecks({ ...on, accept: false, warehouseQueue: queue })
  const status = async (asset: AssetKey) => (await store.assets.status(scope, asset))?.status
  await eventually(
    async () => (await status('trait/spent')) === 'materialized' && (await status('trait/bought')) === 'materialized',
  )
  await eventually(async () => (await store.runs.open(scope)).length === 0)
  const requests = await store.requests.list(scope, { limit: 9 })
  expect(requests.map(({ origin, targets: of }) => [origin, [...of].sort()])).toEqual([
    ['automation', ['trait/bought', 'trait/spent']],
  ])
})

async function printed(work: () => Promise<unknown>): Promise<string> {
  const lines: string[] = []
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0)
  try {
    await work()
  } finally {
    write.mockRestore()
  }
  return lines.join('')
}
