import { describe, expect, test } from 'vitest'
import type { SyncJournal } from '../../orchestrator/store/index.ts'
import { type Member, quietEnvironment, syncWorld } from './activities.fixture.ts'
import { removeSpool } from './spool.ts'

const members = (...ids: string[]): Member[] => ids.map((id, index) => ({ id, value: 10 + index, tier: 'gold' }))
const numbered = (count: number, from = 0): Member[] =>
  Array.from({ length: count }, (_, index) => ({ id: `u${String(from + index).padStart(5, '0')}`, value: index }))

describe.each(['duckdb', 'postgres'] as const)('a mirror on %s', (dialect) => {
  test('first run, nothing changed, a change, a row that left, and one that came back', async () => {
    const world = await syncWorld({ dialect, mode: 'mirror' })
    await world.source(members('a', 'b', 'c'))
    const first = await world.run()
    expect(first).toMatchObject({ failure: null, summary: '3 sent' })
    expect(await world.destination()).toEqual({
      a: { customer_id: 'a', lifetime_value: 10, tier: 'gold' },
      b: { customer_id: 'b', lifetime_value: 11, tier: 'gold' },
      c: { customer_id: 'c', lifetime_value: 12, tier: 'gold' },
    })
    expect((await world.run()).outcome?.assets).toEqual([{ asset: world.syncKey, status: 'fresh' }])

    await world.source(members('a', 'b', 'c'))
    expect((await world.run()).summary).toBe('nothing to send')
    expect(await world.applied()).toHaveLength(3)

    await world.source([{ id: 'a', value: 99 }, ...members('a', 'b').slice(1), { id: 'd', value: 1 }])
    expect((await world.run()).summary).toBe('2 sent, 1 removed')
    expect(Object.keys(await world.destination())).toEqual(['a', 'b', 'd'])
    expect((await world.applied()).slice(3).map(({ operation, key, data }) => [operation, key, data])).toEqual([
      ['delete', 'c', { customer_id: 'c' }],
      ['upsert', 'a', { customer_id: 'a', lifetime_value: 99, tier: null }],
      ['upsert', 'd', { customer_id: 'd', lifetime_value: 1, tier: null }],
    ])
    await world.source(members('a', 'b', 'c'))
    expect((await world.run()).summary).toBe('2 sent, 1 removed')
    expect(await world.delivered()).toEqual(['a upsert', 'b upsert', 'c upsert'])
    expect(await world.spools()).toEqual([])
  })
})

test('insert sends a key once; one that the destination has already is skipped, once', async () => {
  const world = await syncWorld({ mode: 'insert' })
  await world.script({ idempotent: true, exists: ['b'] })
  await world.source(members('a', 'b'))
  expect((await world.run()).summary).toBe('1 sent, 1 skipped')
  await world.source([{ id: 'a', value: 99 }, ...members('a', 'b', 'c').slice(1)])
  expect((await world.run()).summary).toBe('1 sent')
  expect((await world.applied()).map(({ key }) => key)).toEqual(['a', 'c'])
  expect(await world.delivered()).toEqual(['a insert', 'b skipped', 'c insert'])
})

test('append sends every row of every version that it reads', async () => {
  const world = await syncWorld({ mode: 'append' })
  await world.source(members('a', 'b'))
  expect((await world.run()).summary).toBe('2 sent')
  await world.source(members('a'))
  expect((await world.run()).summary).toBe('1 sent')
  expect((await world.applied()).map(({ operation, key }) => `${operation} ${key}`)).toEqual([
    'append a',
    'append b',
    'append a',
  ])
})

test('null and duplicate keys are invalid, and what cannot be rendered is rejected without its values', async () => {
  const world = await syncWorld({ mode: 'mirror' })
  await world.source([
    { id: null, value: 1 },
    ...members('a', 'b', 'b'),
    { id: 'c', value: null, tier: 'planted-value' },
  ])
  const { summary, frozen } = await world.run()
  expect(summary).toBe('1 sent, 1 rejected, 3 invalid')
  expect(await world.store.syncs.exceptions(frozen.syncRun, { after: 0, limit: 9 })).toEqual([
    {
      ordinal: 2,
      fate: 'rejected',
      code: 'FIELD_REQUIRED',
      message: 'the field lifetime_value is required, and the row has no value for it',
    },
  ])
})

test('a rejected row is desired and not delivered: it is sent again until it is taken', async () => {
  const world = await syncWorld({ mode: 'upsert' })
  await world.script({ idempotent: true, reject: ['b'] })
  await world.source(members('a', 'b', 'c'))
  expect((await world.run()).summary).toBe('2 sent, 1 rejected')
  expect(await world.delivered()).toEqual(['a upsert', 'c upsert'])
  expect((await world.run()).summary).toBe('1 rejected')
  await world.script({ idempotent: true })
  expect((await world.run()).summary).toBe('nothing to send, 1 rejected before wait')
  world.later(11)
  expect((await world.run()).summary).toBe('1 sent')
  expect((await world.run()).outcome?.assets[0]?.status).toBe('fresh')
  expect((await world.applied()).map(({ key }) => key)).toEqual(['a', 'c', 'b'])
})

test('a changed mapping makes every row a change, and the plan says so', async () => {
  const world = await syncWorld({ mode: 'mirror' })
  await world.source(members('a', 'b'))
  await world.run()
  world.define({
    mapping: [
      { field: 'customer_id', value: { type: 'key' } },
      { field: 'lifetime_value', value: { type: 'trait', trait: 'trait/lifetime_value' } },
      {
        field: 'tier',
        value: {
          type: 'template',
          template: '{{ id | upcase }} is {{ tier }}',
          variables: { id: { type: 'key' }, tier: { type: 'trait', trait: 'trait/tier' } },
        },
      },
    ],
  })
  const { summary, run } = await world.run()
  expect(summary).toBe('2 sent')
  expect((await world.destination())['a']?.['tier']).toBe('A is gold')
  const planned = (await world.store.events.after(0, { run }, 100)).find(({ type }) => type === 'sync_planned')
  expect(planned?.data).toMatchObject({ mappingChanged: true, changed: 2, added: 0, desired: 2 })
})

describe('guards', () => {
  test('a failed check of what it sends stops it, until the check passes', async () => {
    const world = await syncWorld({ mode: 'mirror' })
    await world.source(members('a', 'b'))
    await world.run()
    await world.source(members('a', 'b', 'c'))
    const asset = 'audience/loyal' as const
    const { store } = world
    const judged = async (run: string, passed: boolean): Promise<void> => {
      const { environment, project } = (await world.begin()).input
      const scope = { environment, project }
      const made = await store.checks.latest(scope, asset)
      const results = [{ name: 'small', severity: 'error' as const, passed, failures: null, message: null }]
      await store.checks.record({ scope, run, asset, materialization: made?.id ?? '', results, gone: [] })
    }
    await judged('checked', false)
    const stopped = await world.run({ force: true })
    expect(stopped.failure).toMatchObject({
      code: 'UPSTREAM_FAILED',
      message: expect.stringContaining('small') as string,
    })
    expect(Object.keys(await world.destination())).toEqual(['a', 'b'])
    await judged('checked-again', true)
    expect((await world.run()).summary).toBe('1 sent')
  })

  test('an empty source stops a mirror before anything is sent, and forcing it alone allows it once', async () => {
    const world = await syncWorld({ mode: 'mirror' })
    await world.source(members('a', 'b'))
    await world.run()
    await world.source([])
    const stopped = await world.run()
    expect(stopped.failure).toMatchObject({ code: 'SYNC_GUARD', blame: 'user' })
    expect(stopped.failure?.hint).toContain('traitline sync run sync/to_crm --allow-removals')
    expect(Object.keys(await world.destination())).toEqual(['a', 'b'])
    expect((await world.run({ force: true })).summary).toBe('2 removed')
    expect(await world.destination()).toEqual({})
  })

  test('a source whose rows cannot be used is as good as empty', async () => {
    const world = await syncWorld({ mode: 'mirror' })
    await world.source(numbered(8))
    await world.run()
    await world.source([{ id: null, value: 1 }])
    expect((await world.run()).failure).toMatchObject({ code: 'SYNC_GUARD', blame: 'user' })
    expect(Object.keys(await world.destination())).toHaveLength(8)
  })

  test('of few rows, removals of more than half stop it from ten rows on', async () => {
    const world = await syncWorld({ mode: 'mirror' })
    await world.source(numbered(80))
    await world.run()
    await world.source(numbered(40))
    expect((await world.run()).summary).toBe('40 removed')
    await world.source(numbered(1))
    expect((await world.run()).failure?.code).toBe('SYNC_GUARD')
    expect(Object.keys(await world.destination())).toHaveLength(40)
    await world.source(numbered(9))
    await world.run({ force: true })
    await world.source(numbered(1))
    expect((await world.run()).summary).toBe('8 removed')
  })

  test('removals of more than a tenth stop it from a hundred rows on', async () => {
    const world = await syncWorld({ mode: 'mirror' })
    await world.source(numbered(300))
    await world.run()
    await world.source(numbered(201))
    expect((await world.run()).summary).toBe('99 removed')
    await world.source(numbered(101))
    expect((await world.run()).failure?.code).toBe('SYNC_GUARD')
    expect(Object.keys(await world.destination())).toHaveLength(201)
  })
})

describe('a crash', () => {
  test('in the middle of a batch: the batch goes again, and progress counts on', async () => {
    const world = await syncWorld({ mode: 'mirror' })
    await world.script({ idempotent: true, batch: 2, dieAfterRecords: 4 })
    await world.source(members('a', 'b', 'c', 'd', 'e'))
    const steps = await world.begin()
    const frozen = await steps.freeze()
    await expect(steps.send(frozen)).rejects.toMatchObject({ code: 'CONNECTOR_EXITED', blame: 'connector' })
    const batches = await world.store.syncs.batches(frozen.syncRun)
    expect(batches.some(({ state }) => state === 'intent')).toBe(true)
    await world.script({ idempotent: true, batch: 2 })
    await steps.send(frozen)
    expect((await steps.settle(frozen)).assets[0]).toMatchObject({ summary: '5 sent' })
    expect(Object.keys(await world.destination())).toEqual(['a', 'b', 'c', 'd', 'e'])
    const { run, step } = steps.input
    const told = (await world.store.events.after(0, { run }, 100)).filter(({ type }) => type === 'sync_progress')
    expect(told.at(-1)?.data).toMatchObject({ total: 5, accepted: 5, rejected: 0, skipped: 0, unknown: 0 })
    const lines = await world.store.logs.read(run, step.id, { after: 0, limit: 100 })
    expect(lines.map(({ text }) => text)).toContain('INFO ready to write')
  })

  test('that took the warehouse’s memory of the sync with it: everything is new again', async () => {
    const world = await syncWorld({ mode: 'upsert' })
    await world.source(members('a', 'b'))
    const steps = await world.begin()
    const frozen = await steps.freeze()
    await steps.send(frozen)
    await world.warehouse.transaction([{ text: 'drop schema traitline_shop_sync cascade', parameters: [] }])
    expect((await world.run()).summary).toBe('2 sent')
    const [, lost] = await world.store.syncs.list({ environment: 'test', project: 'shop' }, world.syncKey, 9)
    expect(lost).toMatchObject({ syncRun: frozen.syncRun, status: 'superseded', accepted: 2 })
  })

  test('between a batch and its acknowledgement: the same batch goes again, under the same id', async () => {
    const world = await syncWorld({ mode: 'append' })
    await world.script({ idempotent: true, batch: 2, dieBeforeAcknowledging: 2 })
    await world.source(members('a', 'b', 'c', 'd', 'e'))
    const steps = await world.begin()
    const frozen = await steps.freeze()
    await expect(steps.send(frozen)).rejects.toMatchObject({ code: 'CONNECTOR_EXITED' })
    await world.script({ idempotent: true, batch: 2 })
    await steps.send(frozen)
    const outcome = await steps.settle(frozen)
    expect(outcome.assets[0]).toMatchObject({ status: 'materialized', summary: '5 sent' })
    expect((await world.applied()).map(({ key }) => key)).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  test('at a destination that knows no batch again: the row is unknown, shown, and never sent again', async () => {
    const world = await syncWorld({ mode: 'insert' })
    await world.script({ idempotent: false, batch: 1, dieBeforeAcknowledging: 2 })
    await world.source(members('a', 'b', 'c'))
    const { summary, frozen } = await world.run({ attempts: 1 })
    expect(summary).toBeNull()
    await world.script({ idempotent: false, batch: 1 })
    const again = await world.run()
    expect(again.summary).toBe('1 sent, 1 still unknown from before')
    expect((await world.applied()).map(({ key }) => key)).toEqual(['a', 'b', 'c'])
    expect(await world.delivered()).toEqual(['a insert', 'b unknown', 'c insert'])
    expect(await world.store.syncs.exceptions(frozen.syncRun, { after: 0, limit: 9 })).toMatchObject([
      { ordinal: 2, fate: 'unknown', code: 'OUTCOME_UNKNOWN' },
    ])
  })

  test('in one run, the next attempt goes on after the row whose outcome is unknown', async () => {
    const world = await syncWorld({ mode: 'insert' })
    await world.script({ idempotent: false, batch: 1, dieBeforeAcknowledging: 2 })
    await world.source(members('a', 'b', 'c'))
    expect((await world.run({ attempts: 5 })).summary).toBe('2 sent, 1 unknown')
    expect((await world.applied()).map(({ key }) => key)).toEqual(['a', 'b', 'c'])
  })

  test('with nothing left to send: another attempt would hide it', async () => {
    const world = await syncWorld({ mode: 'insert' })
    await world.script({ idempotent: false, batch: 1, dieBeforeAcknowledging: 2 })
    await world.source(members('a', 'b'))
    expect((await world.run({ attempts: 5 })).failure?.code).toBe('CONNECTOR_EXITED')
    expect(await world.delivered()).toEqual(['a insert', 'b unknown'])
    expect((await world.run()).summary).toBe('nothing to send, 1 still unknown from before')
    expect((await world.applied()).map(({ key }) => key)).toEqual(['a', 'b'])
  })

  test('of the worker at any write to the journal: the next run makes up for it', async () => {
    let dies: { method: string; when: 'before' | 'after' } | null = null
    const deadly = (journal: SyncJournal): SyncJournal =>
      new Proxy(journal, {
        get(target, name: keyof SyncJournal & string) {
          return async (...given: never[]) => {
            if (dies?.method !== name) return (target[name] as (...all: never[]) => Promise<unknown>)(...given)
            const { when } = dies
            dies = null
            if (when === 'after') await (target[name] as (...all: never[]) => Promise<unknown>)(...given)
            throw new Error('the worker dies here')
          }
        },
      })
    const world = await syncWorld({ mode: 'mirror', journal: deadly })
    await world.script({ idempotent: true, batch: 2 })
    let round = 0
    for (const method of ['begin', 'intend', 'acknowledge', 'finish']) {
      for (const when of ['before', 'after'] as const) {
        round++
        const rows = members('a', 'b', 'c', `r${round}`).map((row) => ({ ...row, tier: `round ${round}` }))
        await world.source(rows)
        dies = { method, when }
        const steps = await world.begin()
        const crashed = await (async () => {
          const frozen = await steps.freeze()
          await steps.send(frozen)
          await steps.settle(frozen)
        })().catch((error: unknown) => error)
        expect(crashed, `${when} ${method}`).toMatchObject({ message: 'the worker dies here' })
        // Meanwhile the source has moved on, so that what was under way is not what is wanted now.
        await world.source(members('a', 'b', `r${round}`))
        const { failure } = await world.run()
        expect(failure, `${when} ${method}`).toBeNull()
        expect(Object.keys(await world.destination()), `${when} ${method}`).toEqual(['a', 'b', `r${round}`])
        expect((await world.destination())['a']?.['tier']).toBe('gold')
      }
    }
    expect(await world.spools()).toEqual([])
  })

  test('after everything was acknowledged: the next run merges it and sends nothing again', async () => {
    const world = await syncWorld({ mode: 'insert' })
    await world.script({ idempotent: false, batch: 1 })
    await world.source(members('a', 'b'))
    const steps = await world.begin()
    await steps.send(await steps.freeze())
    expect((await world.run()).summary).toBe('nothing to send')
    expect(await world.applied()).toHaveLength(2)
    expect(await world.delivered()).toEqual(['a insert', 'b insert'])
  })
})

test('what one warehouse sent is merged there, whatever another one does meanwhile', async () => {
  const world = await syncWorld({ mode: 'insert' })
  await world.source(members('a', 'b'))
  const steps = await world.begin()
  await steps.send(await steps.freeze())
  await world.useWarehouse('other')
  await world.source(members('c'))
  expect((await world.run()).summary).toBe('1 sent')
  await world.useWarehouse()
  await world.source(members('a', 'b'))
  expect((await world.run()).summary).toBe('nothing to send')
  expect(await world.delivered()).toEqual(['a insert', 'b insert'])
  expect((await world.applied()).map(({ key }) => key)).toEqual(['a', 'b', 'c'])
})

test('each step may run twice', async () => {
  const world = await syncWorld({ mode: 'mirror' })
  await world.source(members('a', 'b'))
  const steps = await world.begin()
  const frozen = await steps.freeze()
  await world.source(members('c'))
  expect(await steps.freeze()).toEqual(frozen)
  // A file that is lost is written again from the rows that were frozen.
  await removeSpool(world.home, frozen.syncRun)
  await steps.send(frozen)
  await steps.send(frozen)
  const settled = await steps.settle(frozen)
  expect(await steps.settle(frozen)).toEqual(settled)
  expect((await world.applied()).map(({ key }) => key)).toEqual(['a', 'b'])
  // What changed after it was frozen is still to be sent.
  expect((await world.run()).summary).toBe('1 sent, 2 removed')
})

test('a sender that was cut off is fenced: what it hears late is not written', async () => {
  let release: () => void = () => undefined
  const released = new Promise<void>((resolve) => (release = resolve))
  let reached: () => void = () => undefined
  const waiting = new Promise<void>((resolve) => (reached = resolve))
  let first = true
  const world = await syncWorld({
    mode: 'upsert',
    journal: (journal) => ({
      ...journal,
      async acknowledge(input) {
        if (first) {
          first = false
          reached()
          await released
        }
        return journal.acknowledge(input)
      },
    }),
  })
  await world.script({ idempotent: true, batch: 1 })
  await world.source(members('a', 'b'))
  const steps = await world.begin()
  const frozen = await steps.freeze()
  const zombie = steps.send(frozen).catch((error: unknown) => error)
  await waiting
  await steps.send(frozen)
  release()
  expect(await zombie).toMatchObject({ code: 'SYNC_FENCED' })
  expect((await steps.settle(frozen)).assets[0]).toMatchObject({ summary: '2 sent' })
})

test('a cancelled sync kills its destination, leaves no file, and the next run sends the rest', async () => {
  const world = await syncWorld({ mode: 'mirror' })
  await world.script({ idempotent: true, acknowledges: 'hang' })
  await world.source(members('a', 'b'))
  const steps = await world.begin()
  const frozen = await steps.freeze()
  expect(await world.spools()).toEqual([`${frozen.syncRun}.jsonl`])
  const environment = quietEnvironment()
  const sending = steps.send(frozen, environment).catch((error: unknown) => error)
  await expect.poll(() => world.applied(), { timeout: 10_000 }).toHaveLength(2)
  environment.cancel()
  expect(await sending).toMatchObject({ code: 'CONNECTOR_CANCELLED' })
  expect(await world.spools()).toEqual([])
  await world.script({ idempotent: true })
  expect((await world.run()).summary).toBe('2 sent')
})

describe('a destination that others wrote', () => {
  test('counts nothing, declares nothing and acknowledges all at the end', async () => {
    const world = await syncWorld({ mode: 'upsert' })
    await world.script({ stats: 'none', acknowledges: 'at_end' })
    await world.source(numbered(12_000))
    expect((await world.run()).summary).toBe('12000 sent')
    expect(Object.keys(await world.destination())).toHaveLength(12_000)
  })

  test('one acknowledgement covers what was before it', async () => {
    const world = await syncWorld({ mode: 'append' })
    await world.script({ stats: 'none', acknowledges: 'last' })
    await world.source(numbered(12_000))
    expect((await world.run()).summary).toBe('12000 sent')
  })

  test('rejected rows that are only counted are found by halving, where twice does no harm', async () => {
    const world = await syncWorld({ mode: 'upsert' })
    await world.script({ stats: 'counts', reject: ['u00003', 'u00017'] })
    await world.source(numbered(20))
    const { summary, frozen } = await world.run()
    expect(summary).toBe('18 sent, 2 rejected')
    expect(await world.store.syncs.exceptions(frozen.syncRun, { after: 0, limit: 9 })).toMatchObject([
      { ordinal: 4, fate: 'rejected', code: 'REJECTED' },
      { ordinal: 18, fate: 'rejected', code: 'REJECTED' },
    ])
    expect(Object.keys(await world.destination())).toHaveLength(18)
  })

  test('and elsewhere the rows of the batch are unknown', async () => {
    const world = await syncWorld({ mode: 'append' })
    await world.script({ stats: 'counts', reject: ['a'] })
    await world.source(members('a', 'b'))
    expect((await world.run()).summary).toBe('2 unknown')
  })

  test('never acknowledges: it fails, nothing counts as delivered, and the next run sends it again', async () => {
    const world = await syncWorld({ mode: 'mirror' })
    await world.script({ acknowledges: 'never' })
    await world.source(members('a', 'b'))
    const { failure, frozen } = await world.run({ attempts: 2 })
    expect(failure).toMatchObject({ code: 'CONNECTOR_UNACKNOWLEDGED', blame: 'connector' })
    expect((await world.store.syncs.list({ environment: 'test', project: 'shop' }, world.syncKey, 1))[0]).toMatchObject(
      {
        syncRun: frozen.syncRun,
        status: 'failed',
        sent: 2,
        accepted: 0,
        unknown: 2,
      },
    )
    await world.script({ stats: 'none' })
    // It may have them: nobody wants b any more, so it is removed.
    await world.source(members('a'))
    expect((await world.run()).summary).toBe('1 sent, 1 removed')
  })
})

test('a secret that is not set is named before anything else happens', async () => {
  const world = await syncWorld({
    mode: 'append',
    destination: {
      name: 'crm',
      connector: { type: 'builtin', name: 'postgres' },
      config: { url: { $env: 'SHOP_CRM_URL' } },
      streams: [
        {
          name: 'customers',
          fields: [{ name: 'customer_id', type: 'text', required: true }],
          key: ['customer_id'],
          open: true,
          modes: ['append'],
        },
      ],
      definedAt: null,
    },
  })
  await world.source(members('a'))
  const { failure } = await world.run()
  expect(failure).toMatchObject({ code: 'SECRET_MISSING', blame: 'config' })
  expect(failure?.message).toContain('SHOP_CRM_URL')
})
