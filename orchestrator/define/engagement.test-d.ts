import { describe, test } from 'vitest'
import { audience, constant, dbt, entity, env, rudderstack, segment, sql, sync, trait } from './index.ts'

const warehouse = dbt('w', { path: 'dbt', models: { users: { id: 'text' } } })
const user = entity('user', { key: 'id', population: warehouse.model('users') })
const ltv = trait.continuous('ltv', { of: user, from: sql`select 1` })
const tier = trait.categorical('tier', { of: user, categories: ['gold', 'silver'], from: sql`select 1` })
const best = audience('best', { of: user, where: ltv.gt(100) })

describe('receivers of Segment’s specification', () => {
  const cdp = segment('cdp', { writeKey: env('KEY') })
  const own = rudderstack('own', { writeKey: env('KEY'), dataPlaneUrl: 'https://acme.example' })

  test('take users, events and groups, with fields of their own', () => {
    sync('a', { from: best, to: cdp.identify(), mode: 'upsert', map: { userId: user.key, ltv, tier } })
    sync('b', { from: best, to: own.track(), mode: 'insert', map: { userId: user.key, event: constant('Best'), ltv } })
    sync('c', { from: best, to: cdp.group(), mode: 'upsert', map: { userId: user.key, groupId: tier } })
  })

  test('cannot do what the specification has no call for', () => {
    // @ts-expect-error no call deletes a user
    sync('a', { from: best, to: cdp.identify(), mode: 'mirror', map: { userId: user.key } })
    // @ts-expect-error an event cannot be changed
    sync('b', { from: best, to: cdp.track(), mode: 'upsert', map: { userId: user.key, event: constant('E') } })
    // @ts-expect-error an event has a name
    sync('c', { from: best, to: cdp.track(), mode: 'insert', map: { userId: user.key } })
    // @ts-expect-error a user is known by the key of the entity
    sync('d', { from: best, to: cdp.identify(), mode: 'upsert', map: { userId: tier } })
    // @ts-expect-error there are two regions
    segment('other', { writeKey: env('KEY'), region: 'mars' })
    // @ts-expect-error RudderStack is at an address of its own
    rudderstack('other', { writeKey: env('KEY') })
  })
})
