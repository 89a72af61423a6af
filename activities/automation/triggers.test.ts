import { expect, test, vi } from 'vitest'
import {
  TraitlineError,
  type AlertBody,
  type AlertSpec,
  type JsonValue,
  type Manifest,
} from '../../orchestrator/contract/index.ts'
import type { SensorAnswer, SensorContext } from '../../orchestrator/define/index.ts'
import { newRunId } from '../../orchestrator/launch/index.ts'
import { quietEnvironment } from '../../test/harness/activity.ts'
import { diffOf, freshStore, manifestOf, scope } from '../../test/store/fresh-store.ts'
import { collectAlerts } from '../alerts/tell.ts'
import { linesOf } from '../alerts/words.ts'
import { manifestCache } from '../record/manifest-cache.ts'
import { createAutomationActivities, createTriggerActivities, type AutomationDeps, type TriggerDeps } from './index.ts'

const perform = <T>(work: () => Promise<T>): Promise<T> => quietEnvironment().run<[], T, () => Promise<T>>(work)

const code = { module: 'traitline.ts', export: 'exports', hash: 'h' }
const sensor = {
  ...{ name: 'exports', description: null, everySeconds: 30, timeoutSeconds: 1, code, definedAt: null },
}
const webhook = {
  ...{ name: 'orders', description: null, secret: { $env: 'S' }, select: null, code, timeoutSeconds: 1 },
  definedAt: null,
}

const alert: AlertSpec = {
  ...{ name: 'on_call', on: ['trigger_failed'], assets: null, throttleMinutes: null, recovered: true },
  to: [{ type: 'slack', url: { $env: 'SLACK' } }],
}

/** Two assets, a sensor and a webhook, whose functions the test says. */
async function world(functions: {
  readonly sensor?: (context: SensorContext) => SensorAnswer | Promise<SensorAnswer>
  readonly webhook?: (payload: JsonValue) => unknown
}) {
  const { store } = await freshStore()
  const manifest: Manifest = {
    ...manifestOf(['source/a', 'source/b']),
    sensors: [sensor],
    webhooks: [webhook],
    alerts: [alert],
  }
  await store.revisions.deploy({ scope, manifest, manifestHash: 'h', diff: diffOf([]), deployedBy: null })
  const manifests = manifestCache(store.revisions)
  const deps: TriggerDeps = {
    ...{ store, manifests, newRunId },
    loadTrigger: (_, kind) => Promise.resolve((functions[kind] ?? (() => undefined)) as () => unknown),
  }
  const started: string[] = []
  const starting: AutomationDeps = {
    ...{ store, manifests, newRunId, cancelRun: () => Promise.resolve() },
    startRun: async (run) => {
      await store.runs.create(run)
      started.push(run.selection)
    },
  }
  const poll = (over: Partial<TriggerDeps> = {}) =>
    perform(() => createTriggerActivities({ ...deps, ...over }).pollSensor({ ...scope, sensor: 'exports' }))
  const deliver = async (id: string, payload: JsonValue) => {
    await store.triggers.receive({ scope, webhook: 'orders', id, payload })
    await perform(() => createTriggerActivities(deps).deliverWebhook({ ...scope, webhook: 'orders', delivery: id }))
  }
  const start = (over: Partial<AutomationDeps> = {}) =>
    perform(() => createAutomationActivities({ ...starting, ...over }).startRequests(scope))
  const told = async () =>
    (await store.events.after(0, { scope }, 100))
      .filter(({ type }) => type.startsWith('trigger_'))
      .map(({ type, data }) => [type, data['trigger'], data['code']].filter((part) => part !== undefined).join(' '))
  const { signal } = new AbortController()
  const known = new Set<string>()
  /** What there is to say since it was asked last. */
  const alerted = async (): Promise<string[]> => {
    await collectAlerts({ store, secret: () => undefined, runUrl: null }, scope, signal)
    const fresh = (await store.outbox.list(scope, 'alerts', { limit: 9 })).filter(({ id }) => !known.has(id))
    return fresh.map(({ id, body }) => {
      known.add(id)
      const { message } = body as unknown as AlertBody
      return `${message.status}: ${linesOf(message).join(', ')}`
    })
  }
  await alerted()
  return { store, deps, poll, deliver, start, started, told, alerted }
}

/** One file after the other. */
const nextFile = ({ cursor }: SensorContext): SensorAnswer => {
  const at = Number(cursor ?? '0') + 1
  return { cursor: String(at), runs: [{ select: 'source/a', runKey: `file-${at}` }] }
}

test('killed before it was recorded, an answer is asked for again; killed afterwards, its runs are started', async () => {
  const { store, deps, poll, start, started } = await world({ sensor: nextFile })
  const killed: TriggerDeps['store'] = {
    ...deps.store,
    triggers: { ...store.triggers, recordPoll: () => Promise.reject(new Error('killed')) },
  }
  await expect(poll({ store: killed })).rejects.toThrow()
  expect(await store.triggers.sensor(scope, 'exports')).toBeNull()

  const late: TriggerDeps['store'] = {
    ...deps.store,
    requests: { ...store.requests, count: () => Promise.reject(new Error('killed')) },
  }
  await expect(poll({ store: late })).rejects.toThrow()
  expect(await store.triggers.sensor(scope, 'exports')).toMatchObject({ cursor: '1', failure: null })
  // Its repetition asks for the next file, and tells of both.
  expect(await poll()).toEqual({ requested: 2 })
  await start()
  await start()
  expect(started).toEqual(['source/a', 'source/a'])
  expect(await poll()).toEqual({ requested: 1 })
})

test('of two polls at once one counts, and a run key is started once', async () => {
  const { store, poll, start, started } = await world({ sensor: nextFile })
  await Promise.all([poll(), poll(), poll()])
  const { cursor, polls } = (await store.triggers.sensor(scope, 'exports'))!
  expect(Number(cursor)).toBe(Number(polls))
  const keys = (await store.requests.list(scope, { limit: 9 })).map(({ key }) => key)
  expect(keys.sort()).toEqual(Array.from({ length: Number(polls) }, (_, at) => `file-${at + 1}`))

  const again = await world({ sensor: () => ({ runs: [{ select: 'source/a', runKey: 'same' }] }) })
  for (let at = 0; at < 3; at++) await again.poll()
  await again.start()
  expect(again.started).toEqual(['source/a'])
  await start()
  expect(started).toHaveLength(keys.length)
})

test('what it throws or answers wrongly leaves its cursor, is told once until it is another, and never what it says', async () => {
  let answer: () => SensorAnswer = () => ({ cursor: 'c1' })
  const { store, poll, told, alerted } = await world({ sensor: () => answer() })
  const failureNow = async () => {
    await poll()
    const row = (await store.triggers.sensor(scope, 'exports'))!
    expect(row.cursor).toBe('c1')
    return row.failure
  }
  expect(await failureNow()).toBeNull()
  answer = () => {
    throw new TypeError('person@example.com is odd')
  }
  const failure = await failureNow()
  expect(failure).toMatchObject({ code: 'TRIGGER_FAILED', message: 'sensor exports threw TypeError' })
  expect(JSON.stringify(failure)).not.toContain('person@')
  await failureNow()
  answer = () => ({ runs: [{ select: '' }] })
  expect(await failureNow()).toMatchObject({ code: 'TRIGGER_ANSWER_INVALID' })
  answer = () => ({ cursor: 'c2', runs: [{ select: 'source/a', runKey: 'a\0b' }] })
  expect(await failureNow()).toMatchObject({ code: 'TRIGGER_ANSWER_INVALID' })
  answer = () => ({ cursor: 'c2', runs: [{ select: 'trait/none' }] })
  expect((await failureNow())?.blame).toBe('user')
  expect(await alerted()).toEqual([
    expect.stringMatching(/^failed: a sensor or webhook fails \(sensor\/exports: [A-Z_]+\)$/),
  ])
  answer = () => ({ cursor: 'c2' })
  await poll()
  expect(await alerted()).toEqual(['recovered: a sensor or webhook works (sensor/exports)'])
  expect(await told()).toEqual([
    'trigger_failed sensor/exports TRIGGER_FAILED',
    'trigger_failed sensor/exports TRIGGER_ANSWER_INVALID',
    expect.stringMatching(/^trigger_failed sensor\/exports [A-Z_]+$/),
    'trigger_recovered sensor/exports',
  ])
})

test('a sensor uses the resources that it declares; what one lacks is told in its own words', async () => {
  const asked: unknown[] = []
  const ask = async ({ use }: SensorContext): Promise<SensorAnswer> => {
    asked.push(await use({ name: 'billing' } as never))
    return {}
  }
  const { store, deps } = await world({ sensor: ask as never })
  const manifest = { ...manifestOf(['source/a']), sensors: [{ ...sensor, resources: ['billing'] }] }
  await store.revisions.deploy({ scope, manifest, manifestHash: 'h2', diff: diffOf([]), deployedBy: null })
  const poll = (make: () => Promise<never> | Promise<{ value: unknown; secrets: string[] }>) =>
    perform(() => {
      const resources = { make, find: () => Promise.reject(new Error('nobody asks')) }
      return createTriggerActivities({ ...deps, resources }).pollSensor({ ...scope, sensor: 'exports' })
    })
  await poll(() => Promise.resolve({ value: { url: 'http://here' }, secrets: [] }))
  expect(asked).toEqual([{ url: 'http://here' }])
  const lacks = {
    code: 'SECRET_MISSING',
    message: 'resource billing lacks KEY',
    hint: 'Set KEY.',
    blame: 'config',
  } as const
  await poll(() => Promise.reject(new TraitlineError(lacks)))
  expect((await store.triggers.sensor(scope, 'exports'))?.failure).toMatchObject(lacks)
})

test('one that takes too long is told so by its signal, and given up', async () => {
  const aborted = vi.fn()
  const { store, poll } = await world({
    sensor: ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          aborted()
          reject(new Error('given up'))
        })
      }),
  })
  await poll()
  expect(aborted).toHaveBeenCalledOnce()
  expect((await store.triggers.sensor(scope, 'exports'))?.failure).toMatchObject({ code: 'TRIGGER_TIMEOUT' })
})

test('a delivery leads to its runs once, and one that fails is told', async () => {
  const { store, deliver, start, started, told } = await world({
    webhook: (payload) => {
      if (payload === 'bad') throw new Error('secret')
      return [{ select: String(payload), partitions: '2026-01-31' }]
    },
  })
  await deliver('d1', 'source/a')
  await deliver('d1', 'source/b')
  await deliver('d2', 'bad')
  await deliver('d3', 'source/b')
  await start()
  expect(started).toEqual(['source/a', 'source/b'])
  expect((await store.runs.list(scope, { limit: 9 })).map(({ partitions }) => partitions)).toEqual([
    '2026-01-31',
    '2026-01-31',
  ])
  expect((await store.triggers.deliveries(scope, 'orders', 9)).map(({ id, failure }) => [id, failure?.code])).toEqual([
    ['d3', undefined],
    ['d2', 'TRIGGER_FAILED'],
    ['d1', undefined],
  ])
  expect(await told()).toEqual(['trigger_failed webhook/orders TRIGGER_FAILED', 'trigger_recovered webhook/orders'])
})

test('a run that cannot be started now holds none up, one that never can says so', async () => {
  const runs = Array.from({ length: 120 }, (_, at) => ({ select: at % 2 === 0 ? 'source/a' : 'source/b' }))
  const { store, deps, poll, start, started } = await world({ sensor: () => ({ runs }) })
  expect(await poll()).toEqual({ requested: 120 })
  const [first, second] = await store.requests.open(scope, 2)
  const startRun: AutomationDeps['startRun'] = async (run) => {
    if (run.run === first!.run) throw new Error('no answer')
    if (run.run === second!.run) {
      throw new TraitlineError({ code: 'ASSET_UNKNOWN', message: 'it is gone', hint: 'Deploy it.', blame: 'user' })
    }
    started.push(run.selection)
    await deps.store.requests.settle(run.run, null)
  }
  await expect(start({ startRun })).rejects.toThrow()
  expect(started).toHaveLength(118)
  await start()
  expect(await store.requests.open(scope, 200)).toEqual([])
  const failed = (await store.requests.list(scope, { limit: 200 })).filter(({ failure }) => failure !== null)
  expect(failed).toMatchObject([{ run: second!.run, failure: { code: 'ASSET_UNKNOWN' } }])
})
