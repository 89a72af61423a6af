import { expect, test } from 'vitest'
import { type Member, syncWorld } from './activities.fixture.ts'

const member = (id: string, accepts: boolean | null): Member => ({ id, value: 1, accepts })

test.each(['duckdb', 'postgres'] as const)(
  'on %s a row goes only where its user consents, and goes away when that is withdrawn',
  async (dialect) => {
    const world = await syncWorld({ mode: 'mirror', consent: true, dialect })
    await world.source([member('a', true), member('b', false), member('c', null), member('d', true)])
    const first = await world.run()
    expect(first.summary).toBe('2 sent, 2 without consent')
    expect(Object.keys(await world.destination())).toEqual(['a', 'd'])
    const [run] = await world.store.syncs.list({ environment: 'test', project: 'shop' }, world.syncKey, 1)
    expect(run?.planned).toEqual({
      ...{ desired: 2, added: 2, changed: 0, removed: 0, unchanged: 0, invalid: 0 },
      withheld: 2,
    })

    // One withdraws, one who was asked later agrees, one is still not known.
    await world.source([member('a', false), member('b', true), member('c', null), member('d', true)])
    expect((await world.run()).summary).toBe('1 sent, 1 removed, 2 without consent')
    expect(Object.keys(await world.destination())).toEqual(['b', 'd'])
    expect(await world.delivered()).toEqual(['b upsert', 'd upsert'])
  },
)

test('where a mode takes nothing away, who withdraws is not sent again', async () => {
  const world = await syncWorld({ mode: 'upsert', consent: true })
  await world.source([member('a', true), member('b', true)])
  await world.run()
  await world.source([
    { ...member('a', false), value: 2 },
    { ...member('b', true), value: 2 },
  ])
  expect((await world.run()).summary).toBe('1 sent, 1 without consent')
  expect(await world.destination()).toMatchObject({ a: { lifetime_value: 1 }, b: { lifetime_value: 2 } })
})
