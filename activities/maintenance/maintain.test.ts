import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { Worker, NativeConnection } from '@temporalio/worker'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '../../test/harness/eventually.ts'
import { temporalAddress } from '../../test/harness/temporal.ts'
import { tempDir } from '../../test/harness/temp.ts'
import { diffOf, freshStore, manifestOf, plannedRun, scope } from '../../test/store/fresh-store.ts'
import { maintenanceId, projectQueue } from '../../orchestrator/contract/index.ts'
import { connectTemporal, scheduleMaintenance } from '../../orchestrator/launch/index.ts'
import { packageRoot } from '../../orchestrator/process/index.ts'
import { createMaintenanceActivities } from './maintain.ts'

async function world() {
  const { store } = await freshStore()
  const home = await tempDir()
  const manifest = { ...manifestOf(['trait/a']), retention: { logsDays: 7 } }
  await store.revisions.deploy({ scope, manifest, manifestHash: 'h', diff: diffOf([]), deployedBy: null })
  for (const run of ['old', 'new', 'open']) {
    await plannedRun(store, run, ['trait/a'])
    if (run !== 'open') await store.runs.finish(run, 'succeeded', null)
  }
  const then = new Date(Date.now() - 8 * 86_400_000)
  for (const run of ['old', 'new', 'open', 'of_another_project']) {
    await mkdir(join(home, 'runs', run, 'notebook/x'), { recursive: true })
    await writeFile(join(home, 'runs', run, 'notebook/x/executed.ipynb'), '{}')
    if (run !== 'new') await utimes(join(home, 'runs', run), then, then)
  }
  const left = async (): Promise<string[]> => (await readdir(join(home, 'runs'))).sort()
  return { activities: createMaintenanceActivities({ store, home, clock: () => new Date() }), left }
}

test('executed notebooks of old runs go: of this project alone, and of none under way', async () => {
  const { activities, left } = await world()
  expect(await activities.maintain(scope)).toEqual({ months: [], logs: 0, notebooks: 1 })
  expect(await left()).toEqual(['new', 'of_another_project', 'open'])
  expect(await activities.maintain(scope)).toMatchObject({ notebooks: 0 })
})

test('it is done by a schedule, which is made once', { timeout: 120_000 }, async () => {
  const { activities, left } = await world()
  const own = { environment: 'test', project: `p${randomUUID().slice(0, 8)}` }
  const temporal = await connectTemporal({ address: temporalAddress() })
  onTestFinished(() => temporal.close())
  await scheduleMaintenance(temporal.client, own)
  await scheduleMaintenance(temporal.client, own)
  const handle = temporal.client.schedule.getHandle(maintenanceId(own))
  onTestFinished(() => handle.delete())

  const connection = await NativeConnection.connect({ address: temporalAddress() })
  onTestFinished(() => connection.close())
  const worker = await Worker.create({
    connection,
    taskQueue: projectQueue(own),
    workflowsPath: join(packageRoot(), 'workflows/maintenance/maintain.ts'),
    // The record that was made above is of another project.
    activities: { maintain: () => activities.maintain(scope) },
  })
  await worker.runUntil(async () => {
    await handle.trigger()
    await eventually(async () => !(await left()).includes('old'))
  })
})
