import { describe, test } from 'vitest'
import {
  audience,
  braze,
  constant,
  dbt,
  entity,
  env,
  mixpanel,
  rudderstack,
  salesforce,
  segment,
  sql,
  sync,
  trait,
} from './index.ts'

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

describe('Braze', () => {
  const engage = braze('engage', { apiKey: env('KEY'), endpoint: 'https://rest.example' })

  test('takes profiles, events, purchases and members of subscription groups', () => {
    sync('a', { from: best, to: engage.users(), mode: 'mirror', map: { external_id: user.key, ltv, country: tier } })
    sync('b', { from: best, to: engage.users({ by: 'email' }), mode: 'upsert', map: { email: user.key, tier } })
    sync('c', { from: best, to: engage.events(), mode: 'insert', map: { external_id: user.key, name: constant('E') } })
    sync('d', { from: best, to: engage.subscriptionGroup('g'), mode: 'members', map: { external_id: user.key } })
    sync('e', {
      from: best,
      to: engage.purchases(),
      mode: 'append',
      map: { external_id: user.key, product_id: constant('p'), currency: constant('EUR'), price: ltv, tier },
    })
  })

  test('cannot do what Braze cannot', () => {
    // @ts-expect-error Braze always overwrites
    sync('a', { from: best, to: engage.users(), mode: 'insert', map: { external_id: user.key } })
    // @ts-expect-error an event cannot be changed
    sync('b', { from: best, to: engage.events(), mode: 'mirror', map: { external_id: user.key, name: constant('E') } })
    // @ts-expect-error a group has members
    sync('c', { from: best, to: engage.subscriptionGroup('g'), mode: 'upsert', map: { external_id: user.key } })
    // @ts-expect-error groups know no aliases
    engage.subscriptionGroup('g', { by: 'alias_name' })
    // @ts-expect-error users are matched by e-mail here
    sync('d', { from: best, to: engage.users({ by: 'email' }), mode: 'upsert', map: { external_id: user.key } })
    // @ts-expect-error Braze has an endpoint for each instance
    braze('other', { apiKey: env('KEY') })
  })
})

describe('Mixpanel', () => {
  const product = mixpanel('product', { projectToken: env('KEY'), region: 'in' })

  test('takes events and profiles', () => {
    sync('a', { from: best, to: product.users(), mode: 'mirror', map: { distinct_id: user.key, ltv, $name: tier } })
    sync('b', { from: best, to: product.groups('team'), mode: 'upsert', map: { group_id: user.key, ltv } })
    sync('c', {
      from: best,
      to: product.events(),
      mode: 'append',
      map: { distinct_id: user.key, event: constant('E') },
    })
  })

  test('cannot do what Mixpanel cannot', () => {
    // @ts-expect-error a profile is made by what updates it
    sync('a', { from: best, to: product.users(), mode: 'update', map: { distinct_id: user.key } })
    // @ts-expect-error an event cannot be changed
    sync('b', { from: best, to: product.events(), mode: 'upsert', map: { distinct_id: user.key, event: tier } })
    // @ts-expect-error an event is somebody's
    sync('c', { from: best, to: product.events(), mode: 'insert', map: { event: constant('E') } })
    // @ts-expect-error a service account has a project
    mixpanel('other', { projectToken: env('KEY'), serviceAccount: { username: 'a', secret: env('S') } })
  })
})

describe('Salesforce', () => {
  const crm = salesforce('crm', { domainUrl: 'https://x', clientId: env('ID'), clientSecret: env('SECRET') })
  const fields = { Key__c: 'text', Ltv__c: 'number?' } as const

  test('takes records of any object, by an external id', () => {
    const contacts = crm.object('Contact', { key: 'Key__c', fields })
    sync('a', { from: best, to: contacts, mode: 'mirror', map: { Key__c: user.key, Ltv__c: ltv } })
    sync('b', { from: best, to: crm.object('Visit__c', { fields }), mode: 'append', map: { Key__c: user.key } })
  })

  test('cannot do what Salesforce cannot', () => {
    // @ts-expect-error the key is one of the fields
    crm.object('Contact', { key: 'Other__c', fields })
    const byId = crm.object('Contact', { key: 'Id', fields: { Id: 'text', Ltv__c: 'number' } })
    // @ts-expect-error a record has no Id before it is created
    sync('a', { from: best, to: byId, mode: 'upsert', map: { Id: user.key, Ltv__c: ltv } })
    // @ts-expect-error the organisation is at an address of its own
    salesforce('other', { clientId: env('ID'), clientSecret: env('SECRET') })
  })
})
