import { createHmac } from 'node:crypto'
import { Client } from 'pg'
import { expect, test } from 'vitest'
import {
  diffOf,
  freshStore,
  manifestOf,
  materializationOf,
  plannedRun,
  scope,
  stepInput,
} from '../../test/store/fresh-store.ts'
import { mailServer, receiver } from '../../test/stand-ins/alert-receivers.ts'
import type { AlertBody, AlertMessage, AlertSpec, AssetKey, Failure } from '../../orchestrator/contract/index.ts'
import { decideAlerts } from '../../orchestrator/plan/index.ts'
import type { Store } from '../../orchestrator/store/index.ts'
import { collectAlerts, mostAttempts, tellAlerts, type TellDeps } from './tell.ts'

const ltv: AssetKey = 'trait/ltv'
const vip: AssetKey = 'audience/vip'
const failure: Failure = {
  code: 'COLUMN_MISSING',
  message: 'person@example.com is odd',
  hint: 'Add it.',
  blame: 'user',
}
const { signal } = new AbortController()
const secret = `whsec_${Buffer.from('a key of some length').toString('base64')}`

function alertOf(fields: Partial<AlertSpec>): AlertSpec {
  return {
    ...{ name: 'on_call', on: ['run_failed', 'asset_failed', 'check_failed'], assets: null, throttleMinutes: null },
    ...{ recovered: true, groupMinutes: 0, to: [{ type: 'slack', url: { $env: 'SLACK' } }], ...fields },
  }
}

let databaseUrl = ''

async function sql(statement: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query(statement).finally(() => client.end())
}

async function world(alerts: readonly AlertSpec[], variables: Readonly<Record<string, string>>) {
  const { store, url } = await freshStore()
  databaseUrl = url
  const manifest = { ...manifestOf([ltv, vip]), alerts }
  await store.revisions.deploy({ scope, manifest, manifestHash: 'h', diff: diffOf([ltv, vip]), deployedBy: null })
  await store.assets.register(scope, manifest.assets)
  await store.outbox.cursor(scope, 'alerts')
  const runUrl = (run: string): string => `http://traitline.test/runs/${run}`
  const deps: TellDeps = { store, secret: (name) => variables[name], runUrl }
  return { store, deps, tell: () => tellAlerts(deps, scope, signal) }
}

async function fails(store: Store, run: string): Promise<void> {
  await plannedRun(store, run, [ltv, vip])
  await store.assets.startStep(stepInput(run, ltv), [ltv], 1)
  await store.assets.recordOutcomes(scope, run, [
    { asset: ltv, status: 'failed', failure },
    { asset: vip, status: 'upstream_failed', upstream: ltv, reason: 'it failed' },
  ])
  await store.runs.finish(run, 'failed', null)
}

async function failsAlone(store: Store, run: string, asset: AssetKey): Promise<void> {
  await plannedRun(store, run, [asset])
  await store.assets.recordOutcomes(scope, run, [{ asset, status: 'failed', failure }])
  await store.runs.finish(run, 'failed', null)
}

async function succeeds(store: Store, run: string): Promise<void> {
  await plannedRun(store, run, [ltv])
  await store.assets.recordMaterialization(stepInput(run, ltv), materializationOf(ltv), null)
  await store.runs.finish(run, 'succeeded', null)
}

async function messages(store: Store) {
  return (await store.outbox.list(scope, 'alerts', { limit: 2_000 })).map(({ body, ...entry }) => {
    const { target, message } = body as unknown as AlertBody
    return { ...entry, target: target.type, message }
  })
}

/** As if the pause before the next attempt were over. */
function atOnce(store: Store, id: number): Promise<void> {
  const later = { ids: [id], problem: 'at once', seconds: 0 }
  return store.outbox.settle(scope, 'alerts', { ...nothing, later })
}

const nothing = { delivered: [], keep: true, dead: [], later: null, released: [], pause: null } as const

test('a run that fails is one message in Slack’s blocks, and another when it is right again', async () => {
  const slack = await receiver()
  const { store, tell } = await world([alertOf({})], { SLACK: `${slack.url}/hook` })
  await plannedRun(store, 'r0', [ltv])
  await tell()
  expect(slack.received).toEqual([])

  await fails(store, 'r1')
  expect(await tell()).toBeNull()
  await tell()
  expect(slack.received).toHaveLength(1)
  const body = JSON.parse(slack.received[0]!.body) as {
    text: string
    blocks: { type: string; text?: { type: string; text: string }; elements?: { type: string; text: string }[] }[]
  }
  expect(body.text).toContain('2 things went wrong in shop (test)')
  expect(body.blocks.map(({ type, text }) => [type, text?.type])).toEqual([
    ['header', 'plain_text'],
    ['section', 'mrkdwn'],
    ['context', undefined],
  ])
  expect(body.blocks[0]?.text?.text.length).toBeLessThanOrEqual(150)
  expect(body.blocks[1]?.text?.text).toContain('• trait/ltv: failed (COLUMN_MISSING)')
  expect(body.blocks[2]?.elements?.[0]?.text).toContain('<http://traitline.test/runs/r1|run r1>')
  // What a failure says may have come from a row.
  expect(slack.received[0]!.body).not.toContain('person@example.com')

  await succeeds(store, 'r2')
  await tell()
  expect(slack.received.map(({ body: text }) => (JSON.parse(text) as { text: string }).text)[1]).toContain('🟢')
  await succeeds(store, 'r3')
  await tell()
  expect(slack.received).toHaveLength(2)
  expect(await store.alerts.open(scope)).toEqual([])
})

test('webhooks are signed as Standard Webhooks asks, and sent again under the same id', async () => {
  const answers = [500, 200]
  const hook = await receiver(() => answers.shift() ?? 200)
  const to = [{ type: 'webhook', url: { $env: 'HOOK' }, secret: { $env: 'KEY' } }] as const
  const { store, deps, tell } = await world([alertOf({ to })], { HOOK: hook.url, KEY: secret })
  await fails(store, 'r1')
  // Killed after the outbox was written, and again with the message in hand.
  await collectAlerts(deps, scope, signal)
  expect(hook.received).toEqual([])
  const [claimed] = await store.outbox.claim(scope, 'alerts', { seconds: 0, limit: 9 })
  expect(claimed).toMatchObject({ attempts: 1, body: { message: { run: 'r1' } } })
  expect(await tell()).toBeGreaterThan(0)
  expect(await messages(store)).toMatchObject([{ state: 'waiting', problem: 'it answered 500' }])
  await atOnce(store, claimed!.id)
  await tell()
  expect(await messages(store)).toMatchObject([{ state: 'delivered' }])

  expect(hook.received).toHaveLength(2)
  expect(new Set(hook.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  for (const { headers, body } of hook.received) {
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`
    const expected = createHmac('sha256', 'a key of some length').update(signed).digest('base64')
    expect(headers['webhook-signature']).toBe(`v1,${expected}`)
    expect(JSON.parse(body)).toMatchObject({
      type: 'alert.failed',
      data: { alert: 'on_call', run: 'r1', url: 'http://traitline.test/runs/r1' },
    })
  }
})

test('mail goes through a server, and what nobody takes is given up', async () => {
  const server = await mailServer()
  const gone = await receiver(() => 410)
  const to = [
    { type: 'email', smtp: { $env: 'SMTP' }, from: 'traitline@example.com', to: ['a@example.com', 'b@example.com'] },
    { type: 'webhook', url: { $env: 'GONE' }, secret: null },
    { type: 'slack', url: { $env: 'NOT_SET' } },
  ] as const
  const { store, deps, tell } = await world([alertOf({ to })], { SMTP: server.url, GONE: gone.url })
  await fails(store, 'r1')
  await tell()
  expect(server.mails.map((mail) => mail.to)).toEqual([['a@example.com', 'b@example.com']])
  expect(server.mails[0]?.text).toMatch(/^Message-ID: <alert_\d+@traitline>$/m)
  const list = await messages(store)
  expect(Object.fromEntries(list.map(({ target, state, problem }) => [target, [state, problem]]))).toEqual({
    email: ['delivered', null],
    webhook: ['dead', 'it answered 410'],
    slack: ['waiting', 'NOT_SET is not set'],
  })
  const waiting = list.find(({ state }) => state === 'waiting')
  for (let attempt = 1; attempt < mostAttempts; attempt++) {
    await atOnce(store, Number(waiting!.id))
    await tellAlerts(deps, scope, signal)
  }
  expect((await messages(store)).map(({ state }) => state).sort()).toEqual(['dead', 'dead', 'delivered'])
})

test('a throttle says the same thing once in its time, and a selection leaves out the rest', async () => {
  const slack = await receiver()
  const alerts = [alertOf({ throttleMinutes: 60 }), alertOf({ name: 'others', assets: [vip], on: ['asset_failed'] })]
  const { store, tell } = await world(alerts, { SLACK: slack.url })
  await fails(store, 'r1')
  await tell()
  await fails(store, 'r2')
  await tell()
  expect((await messages(store)).map(({ message }) => [message.alert, message.run])).toEqual([['on_call', 'r1']])
})

test('a thousand failures are two messages, and what is right again by then is told as such', async () => {
  const slack = await receiver()
  const hook = await receiver()
  const to = [
    { type: 'slack', url: { $env: 'SLACK' } },
    { type: 'webhook', url: { $env: 'HOOK' }, secret: null },
  ] as const
  const { store, tell } = await world([alertOf({ to, groupMinutes: 10 })], { SLACK: slack.url, HOOK: hook.url })
  await fails(store, 'first')
  await tell()
  expect([slack.received.length, hook.received.length]).toEqual([1, 1])
  await sql(`
    insert into traitline.run (id, scope_id, revision, selection, targets, force)
      select 'r' || n, scope.id, 1, '*', '{}', false from traitline.scope, generate_series(1, 1000) n;
    insert into traitline.asset (scope_id, key) select id, 'trait/t' || n from traitline.scope, generate_series(1, 1000) n;
    insert into traitline.event (scope_id, run, asset_id, type, data)
      select scope.id, 'r' || n, asset.id, type, data::jsonb
      from traitline.scope, generate_series(1, 1000) n join traitline.asset on key = 'trait/t' || n,
        (values ('asset_failed', '{"code": "X"}'), ('run_finished', '{"status": "failed"}')) as what (type, data)
      order by n`)
  await succeeds(store, 'again')
  // Nothing more within the ten minutes, however often it is looked at.
  const dueInMs = await tell()
  expect(dueInMs).toBeGreaterThan(400_000)
  await tell()
  expect([slack.received.length, hook.received.length]).toEqual([1, 1])

  await sql(`update traitline.outbox set due_at = now() where state = 'waiting'`)
  await tell()
  expect([slack.received.length, hook.received.length]).toEqual([2, 2])
  const told = JSON.parse(hook.received[1]!.body) as { data: AlertMessage }
  expect(told.data).toMatchObject({ status: 'failed', run: null, messages: 1_001 })
  expect(told.data.items).toHaveLength(20)
  // 1,000 assets, and two that are right again: the runs' selection, and what failed first.
  expect(told.data.items.length + told.data.more).toBe(1_002)
  expect(slack.received[1]!.body.length).toBeLessThan(4_000)
  expect((await messages(store)).every(({ state }) => state === 'delivered')).toBe(true)
})

test('what was sent together is sent together again, under the same id', async () => {
  const answers = [200, 500, 200]
  const hook = await receiver(() => answers.shift() ?? 200)
  const to = [{ type: 'webhook', url: { $env: 'HOOK' }, secret: null }] as const
  const { store, tell } = await world([alertOf({ to, groupMinutes: 1 })], { HOOK: hook.url })
  const pass = () => sql(`update traitline.outbox set due_at = now() where state = 'waiting'`)
  await fails(store, 'r1')
  await tell()
  await failsAlone(store, 'r2', 'trait/a')
  await failsAlone(store, 'r3', 'trait/b')
  await tell()
  await pass()
  await tell()
  // It comes too late for what was tried already.
  await failsAlone(store, 'r4', 'trait/c')
  await pass()
  await tell()
  const bodies = hook.received.map(({ body }) => (JSON.parse(body) as { data: AlertMessage }).data)
  expect(bodies.map(({ items }) => items.filter(({ asset }) => asset !== null).map(({ asset }) => asset))).toEqual([
    ['trait/ltv'],
    ['trait/a', 'trait/b'],
    ['trait/a', 'trait/b'],
  ])
  const ids = hook.received.map(({ headers }) => headers['webhook-id'])
  expect(ids[1]).toBe(ids[2])
  expect(ids[0]).not.toBe(ids[1])
  await pass()
  await tell()
  expect(hook.received).toHaveLength(4)
})

test('rejected rows are told beyond what an alert takes for usual', () => {
  const fact = (rejected: number) => ({
    ...{ sequence: 1, type: 'asset_materialized' as const, asset: 'sync/s' as AssetKey, data: {}, selection: null },
    ...{ sent: 1_000, rejected },
  })
  const told = (rejected: number, rejectedOver?: AlertSpec['rejectedOver']): number =>
    decideAlerts(
      [alertOf({ on: ['sync_rejected'], ...(rejectedOver !== undefined && { rejectedOver }) })],
      [fact(rejected)],
      [],
      new Date(),
    ).length
  expect([told(0), told(1)]).toEqual([0, 1])
  expect([told(10, { share: 0.01 }), told(11, { share: 0.01 })]).toEqual([0, 1])
  expect([told(100, { rows: 100 }), told(101, { rows: 100 })]).toEqual([0, 1])
  expect(told(11, { rows: 100, share: 0.01 })).toBe(1)
})
