import { ApplicationFailure } from '@temporalio/common'
import { expect, test } from 'vitest'
import type {
  CheckSpec,
  DestinationSpec,
  Failure,
  Manifest,
  WarehouseActivities,
} from '../../orchestrator/contract/index.ts'
import { quietEnvironment } from '../../test/harness/activity.ts'
import { diffOf, eventsOf, freshStore, manifestOf, plannedRun, scope, stepInput } from '../../test/store/fresh-store.ts'
import { asActivities } from '../runtime/index.ts'
import { recordAttempts } from './attempts.ts'
import { manifestCache } from './manifest-cache.ts'
import { createRecordActivities } from './record.ts'

const perform = <T>(work: () => Promise<T>): Promise<T> => quietEnvironment().run<[], T, () => Promise<T>>(work)

const destination = (name: string, variable: string, fallback?: string): DestinationSpec => ({
  name,
  connector: { type: 'builtin', name: 'postgres' },
  config: { deep: [{ url: { $env: variable, ...(fallback !== undefined && { default: fallback }) } }] },
  streams: [],
  definedAt: null,
})

const usesBilling: CheckSpec = {
  ...{ name: 'mine', description: null, severity: 'warn', blocking: false },
  test: { type: 'typescript', code: { module: 'm.ts', export: 'mine', hash: 'h' }, resources: ['billing'] },
}

async function planned(variables: readonly string[], targets: readonly `${'trait' | 'sync'}/${string}`[]) {
  const { store } = await freshStore()
  const plain = manifestOf(['trait/a', 'sync/a_to_crm', 'sync/a_to_lake'])
  const manifest: Manifest = {
    ...plain,
    destinations: [destination('crm', 'CRM_URL'), destination('lake', 'LAKE_URL', 'file'), destination('x', 'X_URL')],
    resources: ['billing', 'unused'].map((name) => ({
      ...{ name, description: null, fields: ['key'], definedAt: null },
      variables: [{ variable: `${name.toUpperCase()}_KEY`, field: 'key', required: true }],
    })),
    assets: plain.assets.map((spec) => ({
      ...spec,
      ...(spec.kind === 'trait' && { checks: [usesBilling] }),
      ...(spec.kind === 'sync' && { destination: spec.key.slice(10) }),
    })),
  }
  await store.revisions.deploy({ scope, manifest, manifestHash: 'h', diff: diffOf([]), deployedBy: null })
  await store.runs.create({ scope, run: 'r1', revision: 1, selection: '*', targets, force: false })
  const record = createRecordActivities({
    store,
    manifests: manifestCache(store.revisions),
    warehouse: () => Promise.resolve('w1'),
    secrets: (name) => (variables.includes(name) ? 'set' : undefined),
  })
  const input = { ...scope, run: 'r1', revision: 1, warehouseQueue: 'warehouse/w', concurrency: 4 }
  return { store, plan: () => perform(() => record.planRun(input)) }
}

test('a run that needs a variable that the worker lacks names it, and nothing of it is planned', async () => {
  const { store, plan } = await planned([], ['trait/a', 'sync/a_to_crm', 'sync/a_to_lake'])
  const error: unknown = await plan().catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ApplicationFailure)
  const { details, nonRetryable } = error as ApplicationFailure
  expect(nonRetryable).toBe(true)
  expect((details?.[0] as Failure).message).toBe(
    'The worker lacks variables that the run needs: CRM_URL (destination crm), BILLING_KEY (resource billing)',
  )
  expect(await store.runs.hasPlan('r1')).toBe(false)
})

test('only what the run sends to is asked for, and a fallback will do', async () => {
  expect(
    (await (await planned(['CRM_URL', 'BILLING_KEY'], ['trait/a', 'sync/a_to_crm', 'sync/a_to_lake'])).plan()).steps,
  ).toHaveLength(3)
  expect((await (await planned(['BILLING_KEY'], ['trait/a', 'sync/a_to_lake'])).plan()).steps).toHaveLength(2)
})

test('a resource that an asset’s code or checks use is asked for; one that nobody uses in the run is not', async () => {
  const lacks = async (targets: Parameters<typeof planned>[1]): Promise<string> => {
    const { plan } = await planned(['CRM_URL'], targets)
    const error: unknown = await plan().catch((thrown: unknown) => thrown)
    return error instanceof ApplicationFailure ? (error.details?.[0] as Failure).message : 'nothing'
  }
  expect(await lacks(['trait/a'])).toBe('The worker lacks variables that the run needs: BILLING_KEY (resource billing)')
  expect(await lacks(['sync/a_to_crm'])).toBe('nothing')
})

test('each attempt that another one may follow stands in the log, once', async () => {
  const { store } = await freshStore()
  await plannedRun(store, 'r1', ['trait/a'])
  const failing = (blame: Failure['blame']) =>
    recordAttempts(
      store.events,
      asActivities({
        materializeTrait: () =>
          Promise.reject(
            Object.assign(new ApplicationFailure('lost', 'LOST', blame === 'user'), {
              details: [{ code: 'LOST', message: 'the connection was lost', hint: 'none', blame }],
            }),
          ),
      }) as unknown as WarehouseActivities,
    )
  const run = (blame: Failure['blame']) =>
    perform(() => failing(blame).materializeTrait(stepInput('r1', 'trait/a'))).catch(() => undefined)
  await run('user')
  await run('system')
  await run('system')
  const events = await store.events.after(0, { run: 'r1' }, 100)
  expect(await eventsOf(store, 'r1')).toEqual([
    'run_queued',
    'run_started',
    'run_planned',
    'step_attempt_failed trait/a',
  ])
  expect(events.at(-1)?.data).toMatchObject({
    step: 'trait/a',
    attempt: 1,
    failure: { code: 'LOST', message: 'the connection was lost' },
  })
})
