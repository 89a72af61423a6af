import { describe, expectTypeOf, test } from 'vitest'
import {
  airbyte,
  all,
  any,
  audience,
  cast,
  choose,
  coalesce,
  command,
  constant,
  dbt,
  entity,
  env,
  files,
  not,
  metaAds,
  notebook,
  outgoingWebhook,
  postgres,
  perEnvironment,
  profiles,
  project,
  resource,
  secret,
  slack,
  snowplow,
  snowplowEvents,
  source,
  sql,
  hashed,
  runId,
  sync,
  syncedAt,
  template,
  trait,
  userModel,
  z,
  type BooleanTrait,
  type CheckFunction,
  type Resource,
  type CategoricalTrait,
  type ColumnRef,
  type Condition,
  type ContinuousTrait,
  type Entity,
} from './index.ts'
import type { EntityOf } from './map-value.ts'
import type { Shape, Shapes } from './shape.ts'

const purchases = source('purchases', {
  table: 'raw.purchases',
  columns: { id: 'text', mail: { type: 'text', pii: true }, amount: 'number', n: 'integer', gift: 'boolean' },
})
const warehouse = dbt('w', { path: 'dbt', models: { users: { id: 'text', ltv: 'number', tier: 'text' } } })
const user = entity('user', { key: 'id', population: warehouse.model('users') })
const account = entity('account', { key: 'account_id', type: 'integer' })
const ltv = trait.continuous('ltv', { of: user, from: warehouse.model('users').column('ltv') })
const count = trait.continuous('count', { of: user, from: purchases.column('n'), integer: true })
const tier = trait.categorical('tier', { of: user, categories: ['gold', 'silver'], from: sql`select 1` })
const gift = trait.boolean('gift', { of: user, from: purchases.column('gift') })
const paying = trait.boolean('paying', { of: account, from: sql`select 1` })

describe('tables', () => {
  test('columns keep their types, with and without details', () => {
    expectTypeOf(purchases.column('amount')).toExtend<ColumnRef<'number'>>()
    expectTypeOf(purchases.column('mail')).toExtend<ColumnRef<'text'>>()
    expectTypeOf(purchases.column).parameter(0).toEqualTypeOf<'id' | 'mail' | 'amount' | 'n' | 'gift'>()
  })

  test('a notebook has the key of its entity and its output', () => {
    const scores = notebook('scores', {
      path: 'n.ipynb',
      of: account,
      inputs: { purchases },
      output: { score: 'number' },
    })
    expectTypeOf(scores.column).parameter(0).toEqualTypeOf<'account_id' | 'score'>()
    expectTypeOf(scores.column('account_id')).toExtend<ColumnRef<'integer'>>()
  })

  test('a model that is not declared has any column', () => {
    const other = warehouse.model('other')
    expectTypeOf(trait.boolean('b', { of: account, from: other.column('b') })).toEqualTypeOf<BooleanTrait<'account'>>()
    expectTypeOf(trait.continuous('c', { of: user, from: other.column('c') })).toEqualTypeOf<
      ContinuousTrait<'user', false>
    >()
    entity('someone', { key: 'whatever', population: other })
  })

  test('Snowplow’s events have the standard columns and those that are added', () => {
    const events = snowplowEvents('events', { table: 'atomic.events', columns: { contexts_com_acme_cart_1: 'json' } })
    expectTypeOf(events.column('collector_tstamp')).toExtend<ColumnRef<'timestamp'>>()
    expectTypeOf(events.column('contexts_com_acme_cart_1')).toExtend<ColumnRef<'json'>>()
    // @ts-expect-error no such column
    events.column('tstamp')
  })
})

describe('entities and traits', () => {
  test('are inferred', () => {
    expectTypeOf(user).toEqualTypeOf<Entity<'user', 'id', 'text'>>()
    expectTypeOf(account).toEqualTypeOf<Entity<'account', 'account_id', 'integer'>>()
    expectTypeOf(ltv).toEqualTypeOf<ContinuousTrait<'user', false>>()
    expectTypeOf(count).toEqualTypeOf<ContinuousTrait<'user', true>>()
    expectTypeOf(tier).toEqualTypeOf<CategoricalTrait<'user', 'gold' | 'silver'>>()
  })

  test('compare with what they hold', () => {
    expectTypeOf(tier.in('gold', 'silver')).toEqualTypeOf<Condition<'user'>>()
    expectTypeOf(ltv.between(1, 2)).toEqualTypeOf<Condition<'user'>>()
    expectTypeOf(gift.isTrue()).toEqualTypeOf<Condition<'user'>>()
    expectTypeOf(paying.isNull()).toEqualTypeOf<Condition<'account'>>()
    // @ts-expect-error not a category
    tier.is('bronze')
    // @ts-expect-error a number is asked for
    ltv.gt('1')
    // @ts-expect-error no order among booleans
    void gift.gt
  })

  test('conditions combine within an entity', () => {
    expectTypeOf(all(tier.is('gold'), not(any(gift.isTrue(), ltv.gte(1))))).toEqualTypeOf<Condition<'user'>>()
    audience('everyone', { of: user, where: all() })
    const best = audience('best', { of: user, where: all(ltv.gt(100), tier.isNotNull()) })
    audience('rest', { of: user, where: not(best.includes()) })
    // @ts-expect-error about accounts
    audience('mixed', { of: user, where: any(gift.isTrue(), paying.isTrue()) })
    // @ts-expect-error about accounts
    userModel('mixed', { of: user, traits: [ltv, paying] })
  })
})

describe('syncs', () => {
  const best = audience('best', { of: user, where: ltv.gt(100) })
  const people = userModel('people', { of: user, traits: [ltv, tier] })
  const crm = postgres('crm', {
    url: env('CRM_URL'),
    tables: {
      users: { key: 'id', columns: { id: 'text', ltv: 'number', tier: 'text?', gift: 'boolean?', more: 'json?' } },
      log: { columns: { line: 'text', at: 'timestamp?' } },
    },
  })
  const team = slack('team', { token: env('TOKEN') })
  const daily = slack('daily', { token: env('TOKEN'), digests: { risk: { channel: '#x', maxRows: 5, thread: true } } })
  const lake = files('lake', {
    s3: { bucket: env('BUCKET'), region: 'eu-central-1' },
    format: 'parquet',
    compression: 'zstd',
    files: { users: { key: 'id', columns: { id: 'text', ltv: 'number?' } }, log: { columns: { line: 'text' } } },
  })
  const foreign = airbyte('foreign', {
    connector: command(['destination']),
    config: { token: env('TOKEN'), nested: { list: [1, env('OTHER', 'x')] } },
    streams: {
      users: { fields: { id: 'text', n: 'integer' }, key: 'id', modes: ['upsert', 'append'] },
      open: { fields: {}, open: true },
    },
  })

  test('good mappings', () => {
    sync('p', {
      from: best,
      to: crm.table('users'),
      mode: 'delete',
      map: { id: user.key, ltv },
      pick: { by: ltv, order: 'asc' },
    })
    sync('a', { from: best, to: crm.table('users'), mode: 'mirror', map: { id: user.key, ltv, tier, gift } })
    sync('b', {
      from: people,
      to: crm.table('users'),
      mode: 'insert',
      map: { id: user.key, ltv: count, tier: gift, more: ltv },
    })
    sync('c', {
      from: people,
      to: crm.table('users'),
      mode: 'upsert',
      map: { id: user.key, ltv: constant(1), more: constant({ a: [1] }) },
    })
    sync('d', {
      from: best,
      to: crm.table('log'),
      mode: 'append',
      map: { line: constant('x'), at: constant('2020-01-01T00:00:00Z') },
    })
    sync('e', {
      from: best,
      to: team.channel('#x'),
      mode: 'insert',
      map: { text: template('{{ v }} {{ k }}', { v: ltv, k: user.key }) },
    })
    sync('f', {
      from: best,
      to: team.channel('#x'),
      mode: 'append',
      map: { text: template('hello'), blocks: constant([{ type: 'divider' }]) },
    })
    sync('g', { from: best, to: foreign.stream('users'), mode: 'upsert', map: { id: user.key, n: count } })
    sync('files', { from: best, to: lake.file('users'), mode: 'mirror', map: { id: user.key, ltv } })
    sync('h', { from: best, to: foreign.stream('open'), mode: 'append', map: { anything: tier, at_all: user.key } })
  })

  test('Slack', () => {
    const text = template('{{ v }}', { v: ltv })
    sync('a', { from: best, to: daily.digest('risk'), mode: 'insert', map: { text } })
    sync('b', { from: best, to: daily.channels(), mode: 'append', map: { channel: tier, text } })
    sync('c', { from: best, to: daily.people(), mode: 'insert', map: { email: user.key, text } })
    // @ts-expect-error there is no such digest
    daily.digest('other')
    // @ts-expect-error there is none at all
    team.digest('risk')
    // @ts-expect-error whose channel it is has to be said
    sync('d', { from: best, to: daily.channels(), mode: 'append', map: { text } })
    // @ts-expect-error a message cannot be found again
    sync('e', { from: best, to: daily.people(), mode: 'upsert', map: { email: user.key, text } })
  })

  test('profiles', () => {
    const store = profiles('profiles', { url: env('PROFILES_URL') })
    sync('a', { from: people, to: store.traits('scores'), mode: 'mirror', map: { id: user.key, ltv, tier } })
    sync('b', { from: best, to: store.audience('best'), mode: 'mirror', map: { id: user.key } })
    // @ts-expect-error a member has no traits of its own
    sync('c', { from: best, to: store.audience('best'), mode: 'mirror', map: { id: user.key, ltv } })
    // @ts-expect-error a profile is one row
    sync('d', { from: people, to: store.traits('scores'), mode: 'append', map: { id: user.key } })
  })

  test('bad files', () => {
    // @ts-expect-error without a key a row can only be appended
    sync('b', { from: best, to: lake.file('log'), mode: 'mirror', map: { line: user.key } })
    // @ts-expect-error a folder or a bucket, not both
    files('c', { folder: '/lake', s3: { bucket: 'lake' }, files: {} })
    // @ts-expect-error only Parquet is packed so
    files('d', { folder: '/lake', format: 'csv', compression: 'snappy', files: {} })
    // @ts-expect-error the key is none of its columns
    files('e', { folder: '/lake', files: { users: { key: 'uid', columns: { id: 'text' } } } })
  })

  test('webhooks', () => {
    const hook = outgoingWebhook('hook', {
      url: env('URL'),
      operations: { delete: { method: 'DELETE' } },
      objects: { users: { key: 'id', fields: { id: 'text', ltv: 'number?' } }, log: { fields: { line: 'text' } } },
    })
    sync('a', { from: best, to: hook.object('users'), mode: 'mirror', map: { id: user.key, ltv } })
    // @ts-expect-error without a key a row can only be appended
    sync('b', { from: best, to: hook.object('log'), mode: 'insert', map: { line: user.key } })
    // @ts-expect-error no such method
    outgoingWebhook('c', { url: 'https://x.example', method: 'TRACE', objects: {} })
    // @ts-expect-error the key is none of its fields
    outgoingWebhook('d', { url: 'https://x.example', objects: { users: { key: 'uid', fields: { id: 'text' } } } })
  })

  test('Snowplow events', () => {
    const pipeline = snowplow('pipeline', {
      collectorUrl: env('URL'),
      events: {
        seen: { schema: 'iglu:com.acme/seen/jsonschema/1-0-0', fields: { ltv: 'number?' } },
        of: { schema: 'iglu:com.acme/of/jsonschema/1-0-0', fields: { id: 'text' }, key: 'id' },
      },
    })
    sync('a', { from: best, to: pipeline.event('seen'), mode: 'upsert', map: { user_id: user.key, ltv } })
    sync('b', { from: best, to: pipeline.event('of'), mode: 'insert', map: { id: user.key } })
    // @ts-expect-error whose event it is
    sync('c', { from: best, to: pipeline.event('seen'), mode: 'append', map: { ltv } })
    // @ts-expect-error an event cannot be taken back
    sync('d', { from: best, to: pipeline.event('seen'), mode: 'mirror', map: { user_id: user.key } })
  })

  test('audiences at Meta', () => {
    const meta = metaAds('meta', { accessToken: env('TOKEN'), adAccountId: 'act_1' })
    sync('a', { from: best, to: meta.audience('1'), mode: 'members', map: { external_id: user.key, city: tier } })
    sync('b', { from: best, to: meta.audience('1', { key: 'email' }), mode: 'add', map: { email: user.key } })
    // @ts-expect-error nobody is found by a city alone
    meta.audience('1', { key: 'city' })
    // @ts-expect-error a list has members, not rows
    sync('c', { from: best, to: meta.audience('1'), mode: 'upsert', map: { external_id: user.key } })
  })

  test('bad mappings', () => {
    // @ts-expect-error a required field is missing
    sync('a', { from: best, to: crm.table('users'), mode: 'insert', map: { id: user.key } })
    // @ts-expect-error a tier is no number
    sync('b', { from: best, to: crm.table('users'), mode: 'insert', map: { id: user.key, ltv: tier } })
    // @ts-expect-error the key is filled with a trait
    sync('c', { from: best, to: crm.table('users'), mode: 'mirror', map: { id: tier, ltv } })
    // @ts-expect-error a trait of another entity
    sync('d', { from: best, to: crm.table('users'), mode: 'mirror', map: { id: user.key, ltv, gift: paying } })
    // @ts-expect-error a table has no members
    sync('m', { from: best, to: crm.table('users'), mode: 'members', map: { id: user.key, ltv } })
    // @ts-expect-error Slack cannot delete
    sync('e', { from: best, to: team.channel('#x'), mode: 'mirror', map: { text: template('hello') } })
    // @ts-expect-error not among the stream's modes
    sync('f', { from: best, to: foreign.stream('users'), mode: 'mirror', map: { id: user.key, n: count } })
    // @ts-expect-error no such field
    sync('g', { from: best, to: crm.table('log'), mode: 'append', map: { line: tier, lines: tier } })
  })
})

describe('values of fields', () => {
  const best = audience('best', { of: user, where: ltv.gt(100) })
  const crm = postgres('crm', {
    url: env('CRM_URL'),
    tables: {
      users: {
        key: 'id',
        columns: { id: 'text', n: 'integer?', line: 'text?', at: 'timestamp?', on: 'boolean?', more: 'json?' },
      },
    },
  })
  const users = crm.table('users')
  const map = { id: user.key }

  test('that fit', () => {
    const mail = purchases.column('mail')
    sync('a', { from: best, to: users, mode: 'upsert', map: { id: cast(user.key, 'text'), n: cast(mail, 'integer') } })
    sync('b', {
      from: best,
      to: users,
      mode: 'append',
      map: { ...map, line: mail, more: { mail, tags: [mail, tier] } },
    })
    sync('c', { from: best, to: users, mode: 'append', map: { ...map, 'more.address.mail': mail, at: syncedAt() } })
    sync('d', { from: best, to: users, mode: 'append', map: { ...map, line: coalesce(tier, mail, 'none') } })
    sync('e', { from: best, to: users, mode: 'append', map: { ...map, n: choose(tier, { gold: 1, silver: 2 }) } })
    sync('f', { from: best, to: users, mode: 'append', map: { ...map, line: runId() }, ignoreNulls: ['line'] })
    const line = hashed(mail, { as: 'email', for: 'google' })
    sync('g', { from: best, to: users, mode: 'append', map: { ...map, line }, ignoreNulls: true })
    sync('h', {
      from: best,
      to: users,
      mode: 'append',
      map: { ...map, more: [hashed(user.key, { as: 'phone', for: 'meta' })] },
    })
    expectTypeOf<EntityOf<typeof line>>().toEqualTypeOf<never>()
  })

  test('that do not', () => {
    const mail = purchases.column('mail')
    // @ts-expect-error a text is no integer
    sync('a', { from: best, to: users, mode: 'append', map: { ...map, n: mail } })
    // @ts-expect-error cast to a number, which is no text
    sync('b', { from: best, to: users, mode: 'append', map: { ...map, line: cast(mail, 'number') } })
    // @ts-expect-error one of the two may be no number
    sync('c', { from: best, to: users, mode: 'append', map: { ...map, n: coalesce(count, 'none') } })
    // @ts-expect-error one of the cases is no number
    sync('d', { from: best, to: users, mode: 'append', map: { ...map, n: choose(tier, { gold: 1, silver: 'x' }) } })
    // @ts-expect-error a trait of another entity, cast
    sync('e', { from: best, to: users, mode: 'append', map: { ...map, on: cast(paying, 'boolean') } })
    // @ts-expect-error an object for a text
    sync('f', { from: best, to: users, mode: 'append', map: { ...map, line: { mail } } })
    // @ts-expect-error a path into a text
    sync('g', { from: best, to: users, mode: 'append', map: { ...map, 'line.mail': mail } })
    // @ts-expect-error a hash of a trait is not the key
    sync('h', { from: best, to: users, mode: 'upsert', map: { id: hashed(tier, { as: 'email', for: 'google' }) } })
    // @ts-expect-error Google takes the country as it is
    hashed(mail, { as: 'country', for: 'google' })
    // @ts-expect-error TikTok takes no city
    hashed(mail, { as: 'city', for: 'tiktok' })
  })
})

test('a project takes assets and dbt projects', () => {
  project('p', { assets: [warehouse, purchases, ltv] })
  // @ts-expect-error an entity is no asset
  project('p', { assets: [user] })
})

test('each option has a shape, which is optional where the option is', () => {
  expectTypeOf<Shapes<{ readonly a: string; readonly b?: number }>>().toEqualTypeOf<{
    readonly a: Shape<false>
    readonly b: Shape<true>
  }>()
})

describe('resources', () => {
  const schema = z.object({ url: z.url(), retries: z.number().default(3), key: z.string() })
  const value = { url: perEnvironment({ dev: 'http://x', prod: 'http://y' }), key: secret('KEY') }
  const billing = resource('billing', { schema, value })

  test('are what their schema makes of them, where they are used', () => {
    expectTypeOf(billing).toEqualTypeOf<Resource<{ url: string; retries: number; key: string }>>()
    const check: CheckFunction = async ({ use }) => {
      const { retries } = await use(billing)
      expectTypeOf(retries).toEqualTypeOf<number>()
      return { passed: true }
    }
    expectTypeOf(check).toBeFunction()
  })

  test('take values of their schema’s types, part by part', () => {
    resource('a', { schema, value: { ...value, retries: env('RETRIES', '3') } })
    // @ts-expect-error a number is asked for
    resource('b', { schema, value: { ...value, retries: true } })
    // @ts-expect-error the key is missing
    resource('c', { schema, value: { url: 'http://x' } })
  })
})
