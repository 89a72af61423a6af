import { expect, test } from 'vitest'
import { Client } from 'pg'
import type { Delivery } from '../../orchestrator/contract/index.ts'
import { freshStore, scope } from '../../test/store/fresh-store.ts'
import { dispatch, type Channel } from './index.ts'

const { signal } = new AbortController()

function channelOf(answer: (n: number) => Delivery, sent: number[], fields: Partial<Channel> = {}): Channel {
  return {
    ...{ name: 'openlineage', together: false, limit: 10, claimSeconds: 60, longestDelaySeconds: 300 },
    ...{ givenUp: { attempts: 20, ageSeconds: 7 * 86_400 }, pauseAfter: 3, keep: false },
    send([message]) {
      const n = Number(message?.body['n'])
      const delivery = answer(n)
      if (delivery.type === 'delivered') sent.push(n)
      return Promise.resolve(delivery)
    },
    ...fields,
  }
}

async function world(lanes: number, each: number) {
  const { store, url } = await freshStore()
  const { outbox } = store
  const messages = Array.from({ length: lanes * each }, (_, n) => ({
    ...{ lane: `r${n % lanes}`, key: `${n}`, body: { n } },
  }))
  await outbox.enqueue(scope, 'openlineage', messages)
  const pass = async (days = 0): Promise<void> => {
    const client = new Client({ connectionString: url })
    await client.connect()
    await client.query(`
      update traitline.outbox set due_at = now(), created_at = created_at - interval '${days} days' where state = 'waiting';
      update traitline.outbox_channel set paused_until = null`)
    await client.end()
  }
  return { outbox, pass, health: () => outbox.health(scope, 'openlineage') }
}

const away: Delivery = { type: 'later', problem: 'the endpoint cannot be reached' }
const taken: Delivery = { type: 'delivered' }

test('while a receiver is away little is tried and nothing lost, and each lane keeps its order', async () => {
  const { outbox, pass, health } = await world(5, 6)
  const sent: number[] = []
  let tried = 0
  const gone = channelOf(() => (tried++, away), sent)
  for (let hour = 0; hour < 40; hour++) {
    expect(await dispatch(outbox, scope, gone, signal)).toBeGreaterThan(0)
    await pass()
  }
  // One at a time once it rests, not one for each lane.
  expect(tried).toBeLessThanOrEqual(42)
  expect(await health()).toMatchObject({ waiting: 30, dead: 0, failures: tried, problem: away.problem })

  // It is back, and stumbles now and then.
  let calls = 0
  const back = channelOf(() => (++calls % 4 === 0 ? away : taken), sent)
  for (let round = 0; round < 40 && (await health()).waiting > 0; round++) {
    await dispatch(outbox, scope, back, signal)
    await pass()
  }
  expect([...sent].sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, n) => n))
  for (let lane = 0; lane < 5; lane++) {
    const own = sent.filter((n) => n % 5 === lane)
    expect(own).toEqual([...own].sort((a, b) => a - b))
  }
})

test('a message that is never wanted holds up its own lane alone, and is dead in the end', async () => {
  const { outbox, pass, health } = await world(2, 2)
  const sent: number[] = []
  const picky = channelOf((n) => (n === 0 ? { type: 'later', problem: 'it answered 500' } : taken), sent, {
    givenUp: { attempts: 3, ageSeconds: 86_400 },
  })
  await dispatch(outbox, scope, picky, signal)
  expect(sent).toEqual([1, 3])
  for (let attempt = 0; attempt < 4; attempt++) {
    await pass()
    await dispatch(outbox, scope, picky, signal)
  }
  expect(await health()).toMatchObject({ waiting: 2, dead: 0 })
  await pass(2)
  await dispatch(outbox, scope, picky, signal)
  expect(sent).toEqual([1, 3, 2])
  expect(await health()).toMatchObject({ waiting: 0, dead: 1, problem: 'it answered 500' })
})

test('whoever is killed between sending and recording leaves it to the next; whoever stops counts no failure', async () => {
  const { outbox, pass, health } = await world(1, 3)
  const sent: number[] = []
  const killed = {
    ...outbox,
    settle: () => Promise.reject(new Error('killed')),
  }
  const all = channelOf(() => taken, sent)
  await expect(dispatch(killed, scope, all, signal)).rejects.toThrow('killed')
  // The claim still holds.
  await dispatch(outbox, scope, all, signal)
  expect(sent).toEqual([0, 1, 2])
  await pass()
  const stop = new AbortController()
  const stopping = channelOf(() => (stop.abort(), away), sent)
  await dispatch(outbox, scope, stopping, stop.signal)
  expect(await health()).toMatchObject({ waiting: 3, failures: 0, problem: null })
  await pass()
  await dispatch(outbox, scope, all, signal)
  expect(sent).toEqual([0, 1, 2, 0, 1, 2])
  expect(await health()).toMatchObject({ waiting: 0, dead: 0, dueInMs: null })
})
