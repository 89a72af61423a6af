import { fileURLToPath } from 'node:url'
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '../../test/harness/eventually.ts'
import { temporalAddress } from '../../test/harness/temporal.ts'
import { versionOf } from './worker-version.ts'
import { connectTemporal, createDeployments } from '../launch/index.ts'

test('a run ends on the build that it began on, and new ones begin on the one that was promoted', async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') })
  const scope = { environment: 'test', project: `versions-${process.pid}-${Date.now().toString(36)}` }
  const taskQueue = `versions/${scope.project}`
  const temporal = await connectTemporal({ address: temporalAddress() })
  const connection = await NativeConnection.connect(temporal.connectionOptions)
  const start = async (buildId: string): Promise<() => Promise<void>> => {
    const worker = await Worker.create({
      connection,
      namespace: temporal.namespace,
      taskQueue,
      workflowsPath: fileURLToPath(new URL('../../test/launch/versioned-run.ts', import.meta.url)),
      activities: { build: () => Promise.resolve(buildId) },
      ...versionOf(scope, buildId),
    })
    const running = worker.run()
    return async () => {
      worker.shutdown()
      await running
    }
  }
  const stops: (() => Promise<void>)[] = []
  onTestFinished(async () => {
    await Promise.all(stops.map((stop) => stop()))
    await connection.close()
    await temporal.close()
  })
  const deployments = createDeployments(temporal.client)
  expect(await deployments.list(scope)).toEqual([])
  await expect(deployments.promote(scope, 'none')).rejects.toMatchObject({ code: 'BUILD_UNKNOWN' })

  const promote = async (buildId: string): Promise<void> => {
    stops.push(await start(buildId))
    // Temporal hears of a worker's build with its first poll.
    await eventually(() =>
      deployments.promote(scope, buildId).then(
        () => true,
        () => false,
      ),
    )
  }
  const begin = (workflowId: string) => temporal.client.workflow.start('versionedRun', { taskQueue, workflowId })

  await promote('one')
  const first = await begin(`${scope.project}-first`)
  await eventually(async () => (await first.describe()).historyLength >= 4)
  await promote('two')
  const second = await begin(`${scope.project}-second`)
  await Promise.all([first.signal('end'), second.signal('end')])
  expect(await first.result()).toBe('one')
  expect(await second.result()).toBe('two')

  const versions = await deployments.list(scope)
  expect(versions.find(({ status }) => status === 'current')).toEqual({ buildId: 'two', status: 'current' })
  expect(versions.map(({ buildId }) => buildId).sort()).toEqual(['one', 'two'])
})
