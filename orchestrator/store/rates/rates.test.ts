import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase } from '../../../test/harness/postgres.ts'
import { createStore, migrate, type Store } from '../index.ts'

let store: Store
let database: Awaited<ReturnType<typeof freshDatabase>>
beforeAll(async () => {
  database = await freshDatabase()
  await migrate(database.url)
  store = createStore({ url: database.url })
})
afterAll(async () => {
  await store.close()
  await database.drop()
})

/** So slow that no time of a test counts. */
const slow = { perSecond: 0.001, burst: 3 }
const msPerCall = 1_000_000

test('what is saved up may be called at once, and after that each call waits its time, whoever asks', async () => {
  const rate = { ...slow, name: 'saved' }
  const grants = await Promise.all(Array.from({ length: 10 }, () => store.rates.take(rate, 1)))
  const given = grants.filter((grant) => 'startMs' in grant)
  expect(given).toHaveLength(3)
  expect(Math.max(...given.map(({ startMs }) => startMs))).toBeLessThanOrEqual(0)
  expect(await store.rates.take(rate, 1)).toEqual({ waitMs: expect.closeTo(msPerCall, -5) as number })
})

test('a lease of several says when its first is due; the next lease comes after its last', async () => {
  const rate = { name: 'lease', perSecond: 0.001, burst: 1 }
  expect(await store.rates.take(rate, 4)).toEqual({ startMs: expect.closeTo(0, -3) as number })
  expect(await store.rates.take(rate, 1)).toEqual({ waitMs: expect.closeTo(4 * msPerCall, -5) as number })
})

test('a pause leaves nothing saved up', async () => {
  const rate = { ...slow, name: 'paused' }
  await store.rates.pause(rate, 60_000)
  const { waitMs } = (await store.rates.take(rate, 1)) as { waitMs: number }
  expect(waitMs).toBeGreaterThan(30_000)
  expect(waitMs).toBeLessThanOrEqual(60_000)
})

test('the salt is the same for all on one database', async () => {
  const salt = await store.rates.salt()
  expect(salt.length).toBeGreaterThan(60)
  expect(await store.rates.salt()).toBe(salt)
})
