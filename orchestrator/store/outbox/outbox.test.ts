import { Client } from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { freshDatabase } from '../../../test/harness/postgres.ts'
import { freshStore, scope } from '../../../test/store/fresh-store.ts'
import { createStore, migrate } from '../index.ts'
import { migrations } from '../migrations/index.ts'

const channel = 'openlineage'
const message = (lane: string, n: number) => ({ lane, key: `${n}:0`, body: { n } })
const settled = { delivered: [], keep: false, dead: [], later: null, released: [], pause: null } as const
const numbers = (claimed: readonly { readonly body: object }[]) => claimed.map(({ body }) => (body as { n: number }).n)

async function world() {
  const { store } = await freshStore()
  const { outbox } = store
  const claim = (limit = 10, seconds = 60) => outbox.claim(scope, channel, { seconds, limit })
  const settle = (part: Partial<Parameters<typeof outbox.settle>[2]>) =>
    outbox.settle(scope, channel, { ...settled, ...part })
  return { outbox, claim, settle }
}

test('messages are claimed in order by lane, and a lane by one at a time', async () => {
  const { outbox, claim, settle } = await world()
  const from = await outbox.cursor(scope, channel)
  const messages = [message('a', 1), message('b', 2), message('a', 3), message('b', 4)]
  expect(await outbox.advance(scope, channel, { from, to: from + 4, messages })).toBe(true)
  // Whoever read the same events at the same time comes too late; so does the same message.
  expect(await outbox.advance(scope, channel, { from, to: from + 9, messages: [message('a', 9)] })).toBe(false)
  await outbox.enqueue(scope, channel, [message('a', 1)])
  expect(await outbox.cursor(scope, channel)).toBe(from + 4)

  const [a = [], b = [], none = []] = await Promise.all([claim(1), claim(1), claim(1)])
  expect([a, b, none].map(numbers).sort()).toEqual([[], [1], [2]])
  const first = [...a, ...b, ...none].find(({ lane }) => lane === 'a')
  // While a message is with one, nobody gets what stands behind it.
  expect(await claim()).toEqual([])
  await settle({ delivered: [first?.id ?? 0] })
  const rest = await claim()
  expect(rest.map(({ lane, body, attempts }) => [lane, body['n'], attempts])).toEqual([['a', 3, 1]])
  await settle({ later: { ids: [rest[0]?.id ?? 0], problem: 'it answered 500', seconds: 0 } })
  expect(await claim(10, 0)).toMatchObject([{ lane: 'a', attempts: 2 }])

  // What will never be taken holds nothing up, is shown, and can be sent again.
  const [second] = await claim()
  await settle({ dead: [{ id: second?.id ?? 0, problem: 'it answered 400' }] })
  expect(await outbox.health(scope, channel)).toMatchObject({ dead: 1, waiting: 2, problem: 'it answered 400' })
  expect(await outbox.list(scope, channel, { limit: 9, state: 'dead' })).toMatchObject([{ problem: 'it answered 400' }])
  expect(await outbox.retry(scope, channel, ['0'])).toBe(0)
  expect(await outbox.retry(scope, channel, [String(second?.id)])).toBe(1)
  expect(await outbox.retry(scope, channel, null)).toBe(0)
  expect(await claim()).toMatchObject([{ id: second?.id, attempts: 1 }])
})

test('who dies over a claim loses it by the clock, and the next gets the same messages together', async () => {
  const { outbox, claim, settle } = await world()
  await outbox.enqueue(scope, channel, [message('a', 1), message('a', 2)])
  const mine = await claim(10, 0)
  await outbox.enqueue(scope, channel, [message('a', 3)])
  const again = await claim()
  expect(numbers(again)).toEqual([1, 2])
  expect(again.map(({ batch, attempts }) => [batch, attempts])).toEqual(
    mine.map(({ id }, _, [head]) => [head?.id ?? id, 2]),
  )
  const health = await outbox.health(scope, channel)
  expect(health.dueInMs).toBeGreaterThan(30_000)
  // What was not tried costs no attempt.
  await settle({ delivered: [again[0]?.id ?? 0], released: [again[1]?.id ?? 0] })
  expect((await claim()).map(({ body, attempts }) => [body['n'], attempts])).toEqual([[2, 2]])
})

test('a channel rests after failures in a row, until one is delivered', async () => {
  const { outbox, claim, settle } = await world()
  await outbox.enqueue(scope, channel, [message('a', 1), message('b', 2)])
  const fail = async () => {
    const [head] = await claim(1)
    const later = { ids: [head?.id ?? 0], problem: 'the endpoint cannot be reached', seconds: 0 }
    await settle({ later, pause: { after: 3, longestSeconds: 300 } })
    return outbox.health(scope, channel)
  }
  expect(await fail()).toMatchObject({ failures: 1, pausedUntil: null, dueInMs: 0 })
  await fail()
  const rests = await fail()
  expect(rests).toMatchObject({ failures: 3, waiting: 2, problem: 'the endpoint cannot be reached' })
  expect(rests.pausedUntil).not.toBeNull()
  expect(rests.dueInMs).toBeGreaterThan(0)
  expect(await claim()).toEqual([])
  await settle({ delivered: [0] })
  expect(await outbox.health(scope, channel)).toMatchObject({ failures: 0, pausedUntil: null })
  expect(await claim()).toHaveLength(1)
})

test('however many were refused, counting them costs little, and the others are told', async () => {
  const { store, url } = await freshStore()
  const { outbox } = store
  await outbox.enqueue(scope, channel, [message('a', 1)])
  const client = new Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  await client.query(`
    insert into traitline.outbox (scope_id, channel, lane, key, body, state, ended_at)
      select id, '${channel}', 'r' || n, 'd' || n, '{}', 'dead', now() from traitline.scope, generate_series(1, 20000) as n;
    insert into traitline.outbox (scope_id, channel, lane, key, body, state, ended_at)
      select id, 'alerts', 'on_call', 'd' || n, '{}', case when n < 4 then 'dead' else 'delivered' end, now()
      from traitline.scope, generate_series(1, 20000) as n`)
  await client.query('analyze traitline.outbox')
  expect(await outbox.health(scope, channel)).toMatchObject({ waiting: 1, dead: 10_001 })
  expect(await outbox.health(scope, 'alerts')).toMatchObject({ waiting: 0, dead: 3 })
  const { rows } = await client.query(
    `explain select 1 from traitline.outbox where scope_id = 1 and channel = 'alerts' and state = 'dead' order by id desc limit 9`,
  )
  expect(JSON.stringify(rows)).toContain('outbox_dead')
  expect(numbers(await outbox.claim(scope, channel, { seconds: 60, limit: 9 }))).toEqual([1])
})

test('what waits in the outboxes of before moves, with its order, its attempts and its ids', async () => {
  const { url, drop } = await freshDatabase()
  onTestFinished(drop)
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query('create schema traitline; create table traitline.migration (number integer, name text)')
  for (const { number, name, sql } of migrations.filter((each) => each.name !== 'outbox')) {
    if (number > (migrations.find((each) => each.name === 'outbox')?.number ?? 0)) break
    await client.query(sql)
    await client.query('insert into traitline.migration values ($1, $2)', [number, name])
  }
  await client.query(`
    insert into traitline.scope (environment, project) values ('test', 'shop');
    insert into traitline.alert_cursor select id, 11 from traitline.scope;
    insert into traitline.openlineage_cursor select id, 12 from traitline.scope;
    insert into traitline.openlineage_outbox (scope_id, run, sequence, part, body, refused, refused_at)
      select id, 'r1', n, 0, json_build_object('n', n), case when n = 2 then 'it answered 400' end, case when n = 2 then now() end
      from traitline.scope, generate_series(1, 3) as n;
    insert into traitline.alert_outbox (scope_id, alert, cause, position, target, body, state, attempts)
      select id, 'on_call', 'r' || n, 0, '{"type": "slack"}', '{"alert": "on_call"}', case when n = 1 then 'delivered' else 'waiting' end, n
      from traitline.scope, generate_series(1, 2) as n`)
  await client.end()
  await migrate(url)
  const store = createStore({ url })
  onTestFinished(() => store.close())
  const { outbox } = store
  expect([await outbox.cursor(scope, 'alerts'), await outbox.cursor(scope, channel)]).toEqual([11, 12])
  expect(await outbox.list(scope, 'alerts', { limit: 9 })).toMatchObject([
    { id: '2', state: 'waiting', attempts: 2, body: { target: { type: 'slack' }, message: { alert: 'on_call' } } },
    { id: '1', state: 'delivered', attempts: 1, body: { cause: 'r1' } },
  ])
  expect(numbers(await outbox.claim(scope, channel, { seconds: 60, limit: 9 }))).toEqual([1, 3])
  expect(await outbox.health(scope, channel)).toMatchObject({ waiting: 2, dead: 1 })
})
