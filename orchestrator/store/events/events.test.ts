import { Client } from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import { StorePool } from '../database/pool.ts'
import { freshStore, plannedRun, scope, specOf } from '../../../test/store/fresh-store.ts'
import { EventPartitions } from './partitions.ts'
import type { EventStore } from '../index.ts'

const log = (events: EventStore, n: number, once?: string) =>
  events.append({ scope, run: null, asset: null, type: 'log', data: { n }, once })

async function clientOf(url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

const insertEvent = (n: number) => `insert into traitline.event (scope_id, type, data) values (1, 'log', '{"n": ${n}}')`

test('events are read in order, by run and by asset', async () => {
  const { store } = await freshStore()
  expect(await store.events.lastSequence()).toBe(0)
  await plannedRun(store, 'r1', ['trait/ltv'])
  await plannedRun(store, 'r2', ['trait/ltv'])
  await store.events.append({ scope, run: 'r1', asset: 'trait/ltv', type: 'log', data: { line: 'hello' } })
  const all = await store.events.after(0, {}, 100)
  expect(all.map(({ run, type }) => `${run} ${type}`)).toEqual([
    ...['r1 run_queued', 'r1 run_started', 'r1 run_planned'],
    ...['r2 run_queued', 'r2 run_started', 'r2 run_planned', 'r1 log'],
  ])
  expect(all.at(-1)).toEqual({
    sequence: await store.events.lastSequence(),
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
    ...scope,
    run: 'r1',
    asset: 'trait/ltv',
    type: 'log',
    data: { line: 'hello' },
  })
  expect(await store.events.after(all[1]!.sequence, {}, 2)).toEqual(all.slice(2, 4))
  expect(await store.events.after(0, { run: 'r2' }, 100)).toEqual(all.slice(3, 6))
  expect(await store.events.after(0, { asset: 'trait/ltv' }, 100)).toEqual(all.slice(6))
  expect(await store.events.after(0, { scope }, 100)).toEqual(all)
  expect(await store.events.after(0, { scope: { ...scope, project: 'other' } }, 100)).toEqual([])
})

test('an event with a key is stored once a run', async () => {
  const { store } = await freshStore()
  await Promise.all(Array.from({ length: 5 }, (_, n) => log(store.events, n, 'only')))
  await log(store.events, 9, 'another')
  const event = { scope, run: 'r1', asset: null, type: 'log' as const, data: {} }
  await store.events.append({ ...event, once: 'only' })
  await store.events.append({ ...event, once: 'only' })
  expect(await store.events.after(0, {}, 100)).toHaveLength(3)
})

test('an event of an unknown asset is refused, and its key stays free', async () => {
  const { store } = await freshStore()
  const event = { scope, run: 'r1', asset: 'trait/ltv' as const, type: 'log' as const, data: {}, once: 'k' }
  await expect(store.events.append(event)).rejects.toMatchObject({ code: 'ASSET_UNKNOWN' })
  await store.assets.register(scope, [specOf('trait/ltv')])
  await store.events.append(event)
  expect(await store.events.after(0, {}, 100)).toHaveLength(1)
})

test('a reader never passes an event that commits later', async () => {
  const { store, url } = await freshStore()
  await log(store.events, 0)
  const [slow, fast] = [await clientOf(url), await clientOf(url)]
  await slow.query('begin')
  await slow.query(insertEvent(1))
  await fast.query('begin')
  // Would be the higher sequence, committed first: it has to wait.
  let committed = false
  const overtaking = fast
    .query(insertEvent(2))
    .then(() => fast.query('commit'))
    .then(() => (committed = true))
  const cursor = await store.events.lastSequence()
  expect(await store.events.after(cursor, {}, 10)).toEqual([])
  expect(committed).toBe(false)
  await slow.query('commit')
  await overtaking
  const read = await store.events.after(cursor, {}, 10)
  expect(read.map(({ data }) => data)).toEqual([{ n: 1 }, { n: 2 }])
})

test('a reader beside many writers sees every event once, in order', async () => {
  const { store } = await freshStore()
  const seen: number[] = []
  let writing = true
  const reader = (async () => {
    let cursor = 0
    for (;;) {
      const done = !writing
      const read = await store.events.after(cursor, {}, 7)
      for (const { sequence, data } of read) {
        expect(sequence).toBeGreaterThan(cursor)
        cursor = sequence
        seen.push((data as { n: number }).n)
      }
      if (done && read.length === 0) return
    }
  })()
  await Promise.all(Array.from({ length: 200 }, (_, n) => log(store.events, n)))
  writing = false
  await reader
  expect(seen).toHaveLength(200)
  expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, n) => n))
})

test('listeners hear of commits, once for many, and again after the connection broke', async () => {
  const { store, url } = await freshStore()
  const [first, second] = [vi.fn(), vi.fn()]
  const stop = await store.events.listen(first)
  const stopSecond = await store.events.listen(second)
  await Promise.all(Array.from({ length: 20 }, (_, n) => log(store.events, n)))
  await vi.waitFor(() => expect(second).toHaveBeenCalled())
  expect(first.mock.calls.length).toBeLessThan(20)

  const admin = await clientOf(url)
  const backends = `from pg_stat_activity where application_name = 'traitline events'`
  await admin.query(`select pg_terminate_backend(pid) ${backends}`)
  await vi.waitFor(
    async () => expect((await admin.query(`select 1 ${backends} and query like 'listen%'`)).rowCount).toBe(1),
    { timeout: 10_000 },
  )
  await stopSecond()
  first.mockClear()
  second.mockClear()
  await log(store.events, 99)
  await vi.waitFor(() => expect(first).toHaveBeenCalled(), { timeout: 10_000 })
  expect(second).not.toHaveBeenCalled()
  await stop()
  await vi.waitFor(async () => expect((await admin.query(`select 1 ${backends}`)).rowCount).toBe(0))
})

test('the log has a partition for each month, and takes back what the net caught', async () => {
  const { store, url } = await freshStore()
  const client = await clientOf(url)
  const partitions = async () =>
    (
      await client.query<{ name: string }>(
        `select relname as name from pg_inherits join pg_class on oid = inhrelid
         where inhparent = 'traitline.event'::regclass order by 1`,
      )
    ).rows.map(({ name }) => name)
  const months = await partitions()
  expect(months).toHaveLength(3)
  expect(months[0]).toMatch(/^event_\d{4}_\d\d$/)

  // As if nothing had run for months: this month's partition is missing, the net takes the event.
  await client.query(`drop table traitline.${months[0]}`)
  await log(store.events, 1)
  await log(store.events, 2)
  expect((await client.query('select 1 from traitline.event_default')).rowCount).toBe(0)
  expect(await partitions()).toEqual(months)

  await client.query(`drop table traitline.${months[0]}`)
  await client.query(insertEvent(3))
  expect((await client.query('select 1 from traitline.event_default')).rowCount).toBe(1)
  const pool = new StorePool({ url, size: 1, applicationName: 'partitions' })
  onTestFinished(() => pool.end())
  await Promise.all([new EventPartitions(pool).ensure(), new EventPartitions(pool).ensure()])
  expect((await client.query('select 1 from traitline.event_default')).rowCount).toBe(0)
  expect((await store.events.after(0, {}, 10)).map(({ data }) => data)).toEqual([{ n: 3 }])
  expect(await partitions()).toEqual(months)
})

test('partitions that cannot be made do not stop an append', async () => {
  const { store, url } = await freshStore()
  const client = await clientOf(url)
  await client.query(`create function refuse() returns event_trigger language plpgsql as $$ begin raise 'no'; end $$;
    create event trigger refuse on ddl_command_start when tag in ('CREATE TABLE') execute function refuse()`)
  await client.query(`drop table traitline.event_${new Date().toISOString().slice(0, 7).replace('-', '_')}`)
  await log(store.events, 1)
  await log(store.events, 2)
  expect(await store.events.after(0, {}, 10)).toHaveLength(2)
})
