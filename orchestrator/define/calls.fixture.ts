import {
  airbyte,
  alert,
  alsoTo,
  email,
  slackWebhook,
  webhook,
  all,
  allPartitions,
  any,
  audience,
  automation,
  braze,
  cast,
  choose,
  coalesce,
  command,
  constant,
  csv,
  daily,
  dbt,
  dynamicPartitions,
  entity,
  env,
  files,
  freshBy,
  freshWithin,
  hashed,
  hourly,
  image,
  lastPartitions,
  latestPartition,
  mapPartitions,
  metaAds,
  mixpanel,
  monthly,
  multi,
  normalized,
  not,
  notebook,
  outgoingWebhook,
  perEnvironment,
  postgres,
  profiles,
  project,
  purpose,
  npm,
  pypi,
  rudderstack,
  salesforce,
  segment,
  sensor,
  resource,
  runId,
  secret,
  slack,
  snowplow,
  snowplowEvents,
  source,
  sql,
  staticPartitions,
  sync,
  syncedAt,
  syncName,
  template,
  trait,
  userModel,
  webhookTrigger,
  weekly,
  z,
  type Definition,
  type FilesDestination,
  type OutgoingWebhook,
} from './index.ts'

type Values = Readonly<Record<string, unknown>>

/** A valid call of one function of the API, by the names of what it is given. */
export interface ValidCall {
  /** As the API exports it. */
  readonly export: string
  /** How errors call what it makes. */
  readonly label: string
  readonly required: Values
  readonly optional: Values
  /** As plain JavaScript calls it: unchecked. */
  call(values: Values): unknown
  /** What a project names to hold what was made; nothing for what is no part of a project by itself. */
  members?(made: Definition): readonly unknown[]
}

/** As the compiler would not let it be. */
type Unchecked = (...args: readonly unknown[]) => unknown
const unchecked = (factory: unknown): Unchecked => factory as Unchecked

const people = source('people', {
  table: 'raw.people',
  columns: { id: 'text', n: 'number', ok: 'boolean', tier: 'text' },
})
const person = entity('person', { key: 'id', population: people })
const ok = trait.boolean('ok', { of: person, from: people.column('ok') })
const best = audience('best', { of: person, where: ok.isTrue() })
const crm = postgres('crm', { url: 'x', tables: { people: { key: 'id', columns: { id: 'text', ok: 'boolean?' } } } })
const billing = resource('billing', { schema: z.object({ url: z.string() }), value: { url: 'x' } })
const freshness = freshWithin({ failAfterMinutes: 9 })
const about = {
  ...{
    description: 'd',
    owners: ['o'],
    tags: { a: 'b' },
    group: 'g',
    freshness,
    automation: automation.eager(),
  },
  ...{ pools: [], retry: { attempts: 2, delaySeconds: 1, backoff: 2, jitter: 0.5, on: 'any' } },
}
const days = daily({ start: '2026-01-01' })
const partitioned = { partitions: days, reads: [allPartitions(people)] }

const syncTo = (stream: unknown, mode: string, map: object): unknown =>
  unchecked(sync)('to_it', { from: best, to: stream, mode, map })

/** A function that makes a definition from its name and options. */
function definer(
  name: string,
  kind: string,
  factory: unknown,
  options: Pick<ValidCall, 'required' | 'optional'>,
  members: ValidCall['members'] = (made) => [made],
): ValidCall {
  const call = (values: Values): unknown => unchecked(factory)('it', values)
  return { export: name, label: `${kind}it`, ...options, call, members }
}

/** A function of positional arguments. */
function taker(
  name: string,
  factory: unknown,
  args: Pick<ValidCall, 'required' | 'optional'>,
  order: readonly string[],
): ValidCall {
  const call = (values: Values): unknown => unchecked(factory)(...order.map((argument) => values[argument]))
  return { export: name, label: name, ...args, call }
}

export const validCalls: readonly ValidCall[] = [
  taker(
    'freshWithin',
    freshWithin,
    { required: { options: { failAfterMinutes: 9, warnAfterMinutes: 3, since: 'change' } }, optional: {} },
    ['options'],
  ),
  taker(
    'freshBy',
    freshBy,
    {
      required: { cron: '0 6 * * *' },
      optional: { options: { timeZone: 'UTC', windowMinutes: 60, warnBeforeMinutes: 30, since: 'success' } },
    },
    ['cron', 'options'],
  ),
  definer('sensor', 'sensor ', sensor, {
    required: { every: '30s', run: () => ({ runs: [] }) },
    optional: { description: 'd', timeout: '10s', resources: [billing] },
  }),
  definer('webhookTrigger', 'webhook ', webhookTrigger, {
    required: { secret: { $env: 'SECRET' } },
    optional: { description: 'd', select: '*', run: () => [], timeout: '10s' },
  }),
  definer('source', 'source/', source, {
    required: { table: 'raw.it', columns: { id: 'text', mail: { type: 'text', description: 'd', pii: true } } },
    optional: { load: csv('home:it.csv'), reportedBy: 'others', partitions: days, partitionBy: 'at', ...about },
  }),
  definer('snowplowEvents', 'source/', snowplowEvents, {
    required: { table: 'atomic.events' },
    optional: { columns: { extra: 'json' }, load: csv('home:it.csv'), ...about },
  }),
  definer(
    'entity',
    'entity ',
    entity,
    { required: { key: 'id' }, optional: { type: 'text', population: people } },
    (made) => [unchecked(trait.boolean)('of_it', { of: made, from: people.column('ok') })],
  ),
  definer('dbt', 'dbt ', dbt, {
    required: { path: 'dbt' },
    optional: {
      sources: [people],
      models: { users: { id: 'text' } },
      schema: 's',
      vars: { a: [1, null] },
      partitions: { users: days },
      partitionBy: { users: 'day' },
      reads: [lastPartitions(people, 7)],
      ...about,
    },
  }),
  definer('notebook', 'notebook/', notebook, {
    required: { path: 'n.ipynb', of: person, inputs: { people }, output: { score: 'number' } },
    optional: {
      parameters: { a: 1 },
      resources: { billing },
      kernel: 'ir',
      timeoutSeconds: 60,
      ...partitioned,
      ...about,
    },
  }),
  definer('trait', 'trait/', trait.boolean, {
    required: { of: person, from: people.column('ok') },
    optional: { pii: true, ...partitioned, ...about },
  }),
  definer('trait', 'trait/', trait.continuous, {
    required: { of: person, from: sql`select id, n as value from ${people}` },
    optional: { unit: 'USD', min: 0, max: 9, precision: 2, integer: false, pii: true, ...partitioned, ...about },
  }),
  definer('trait', 'trait/', trait.categorical, {
    required: { of: person, from: people.column('tier'), categories: ['gold', 'silver'] },
    optional: { pii: true, ...partitioned, ...about },
  }),
  definer('userModel', 'user_model/', userModel, {
    required: { of: person, traits: [ok] },
    optional: { ...partitioned, ...about },
  }),
  definer('audience', 'audience/', audience, {
    required: { of: person, where: ok.isTrue() },
    optional: { ...partitioned, ...about },
  }),
  definer('sync', 'sync/', sync, {
    required: { from: best, to: crm.table('people'), mode: 'upsert', map: { id: person.key, ok } },
    optional: about,
  }),
  definer(
    'postgres',
    'destination ',
    postgres,
    {
      required: { url: env('CRM_URL'), tables: { people: { key: 'id', columns: { id: 'text', note: 'text?' } } } },
      optional: { schema: perEnvironment({ dev: 's' }), concurrency: 1 },
    },
    (made) => [syncTo((made as typeof crm).table('people'), 'upsert', { id: person.key })],
  ),
  definer(
    'profiles',
    'destination ',
    profiles,
    {
      required: { url: env('PROFILES_URL') },
      optional: { schema: perEnvironment({ dev: 's' }), collection: 'people', idType: 'person_id', concurrency: 1 },
    },
    (made) => [syncTo((made as ReturnType<typeof profiles>).traits('scores'), 'upsert', { id: person.key, ok })],
  ),
  definer(
    'files',
    'destination ',
    files,
    {
      required: { files: { people: { key: 'id', columns: { id: 'text', note: 'text?' } } } },
      optional: {
        folder: '/lake',
        s3: { bucket: env('BUCKET'), region: perEnvironment({ dev: 'eu-central-1' }), pathStyle: true },
        ...{ format: 'csv', compression: 'gzip', path: '{stream}', bookkeeping: true, spreadsheetSafe: true },
      },
    },
    (made) => [
      syncTo((made as FilesDestination<{ people: { key: 'id'; columns: { id: 'text' } } }>).file('people'), 'upsert', {
        id: person.key,
      }),
    ],
  ),
  definer(
    'outgoingWebhook',
    'destination ',
    outgoingWebhook,
    {
      required: { url: env('URL'), objects: { people: { key: 'id', fields: { id: 'text', note: 'text?' } } } },
      optional: {
        ...{ method: 'PUT', headers: { a: 'b' }, secretHeaders: { authorization: env('TOKEN') } },
        oauth: { tokenUrl: env('TOKEN_URL'), clientId: 'c', clientSecret: env('SECRET'), scope: 's' },
        ...{ signingSecret: env('SIGNING'), format: 'rows', body: '{{ row | json }}', contentType: 'text/plain' },
        operations: { delete: { method: 'DELETE', url: 'http://x', body: '' } },
        ...{ rowsPerRequest: 2, bytesPerRequest: 1_000, successStatuses: [200], receiverDeduplicates: true },
        ...{ requestsPerSecond: perEnvironment({ default: 2 }), checkUrl: 'http://x', concurrency: 1 },
      },
    },
    (made) => [
      syncTo(
        (made as OutgoingWebhook<{ people: { key: 'id'; fields: { id: 'text' } } }>).object('people'),
        ...(['upsert', { id: person.key }] as const),
      ),
    ],
  ),
  definer(
    'snowplow',
    'destination ',
    snowplow,
    {
      required: {
        collectorUrl: env('URL'),
        events: { seen: { schema: 'iglu:com.acme/seen/jsonschema/1-0-0', fields: { tier: 'text?' } } },
      },
      optional: {
        ...{ appId: perEnvironment({ default: 'a' }), platform: 'srv', namespace: 'n', path: '/p' },
        ...{ secretHeaders: { authorization: env('TOKEN') }, bytesPerRequest: 1_000, eventsPerRequest: 2 },
        ...{ requestsPerSecond: 2, concurrency: 1 },
      },
    },
    (made) => [
      syncTo((made as unknown as { event(name: string): unknown }).event('seen'), 'upsert', { user_id: person.key }),
    ],
  ),
  definer(
    'metaAds',
    'destination ',
    metaAds,
    {
      required: { accessToken: env('TOKEN'), adAccountId: 'act_1' },
      optional: {
        ...{ appSecret: env('SECRET'), country: 'DE', apiVersion: 'v25.0', apiUrl: 'http://localhost' },
        ...{ requestsPerSecond: 2, concurrency: 1 },
      },
    },
    (made) => [syncTo((made as ReturnType<typeof metaAds>).audience('1'), 'members', { external_id: person.key })],
  ),
  definer(
    'slack',
    'destination ',
    slack,
    {
      required: { token: env('TOKEN') },
      optional: {
        ...{ apiUrl: 'http://localhost', messagesPerSecond: 2, concurrency: 1 },
        digests: { risk: { channel: '#c', title: '{{ count }}', more: '{{ more }}', maxRows: 5, thread: true } },
      },
    },
    (made) => [syncTo((made as ReturnType<typeof slack>).channel('#c'), 'insert', { text: constant('hi') })],
  ),
  definer(
    'braze',
    'destination ',
    braze,
    {
      required: { apiKey: env('KEY'), endpoint: 'http://localhost' },
      optional: { aliasLabel: 'crm', objectsPerRequest: 50, requestsPerSecond: 2, concurrency: 1 },
    },
    (made) => [
      syncTo((made as ReturnType<typeof braze>).users(), 'mirror', { external_id: person.key }),
      syncTo((made as ReturnType<typeof braze>).subscriptionGroup('g'), 'members', { external_id: person.key }),
      syncTo((made as ReturnType<typeof braze>).events({ by: 'email' }), 'insert', {
        ...{ email: person.key, name: constant('E') },
      }),
    ],
  ),
  definer(
    'mixpanel',
    'destination ',
    mixpanel,
    {
      required: { projectToken: env('KEY') },
      optional: {
        ...{ region: 'in', apiUrl: 'http://localhost', requestsPerSecond: 2, concurrency: 1 },
        serviceAccount: { username: 'a', secret: env('SECRET'), projectId: '1' },
      },
    },
    (made) => [
      syncTo((made as ReturnType<typeof mixpanel>).users(), 'mirror', { distinct_id: person.key }),
      syncTo((made as ReturnType<typeof mixpanel>).groups('team'), 'upsert', { group_id: person.key }),
      syncTo((made as ReturnType<typeof mixpanel>).events(), 'insert', {
        distinct_id: person.key,
        event: constant('E'),
      }),
    ],
  ),
  definer(
    'salesforce',
    'destination ',
    salesforce,
    {
      required: { domainUrl: 'http://localhost', clientId: env('ID'), clientSecret: env('SECRET') },
      optional: {
        ...{ refreshToken: env('TOKEN'), apiVersion: '64.0', stopAtPercent: 50, requestsPerSecond: 2, concurrency: 1 },
      },
    },
    (made) => [
      syncTo(
        (made as ReturnType<typeof salesforce>).object('Contact', { key: 'Key__c', fields: { Key__c: 'text' } }),
        'mirror',
        { Key__c: person.key },
      ),
    ],
  ),
  definer(
    'segment',
    'destination ',
    segment,
    {
      required: { writeKey: env('KEY') },
      optional: { region: 'eu', apiUrl: 'http://localhost', requestsPerSecond: 2, concurrency: 1 },
    },
    (made) => [
      syncTo((made as ReturnType<typeof segment>).identify(), 'upsert', { userId: person.key }),
      syncTo((made as ReturnType<typeof segment>).track(), 'insert', { userId: person.key, event: constant('E') }),
      syncTo((made as ReturnType<typeof segment>).group(), 'upsert', { userId: person.key, groupId: constant('g') }),
    ],
  ),
  definer(
    'rudderstack',
    'destination ',
    rudderstack,
    {
      required: { writeKey: env('KEY'), dataPlaneUrl: 'http://localhost' },
      optional: { requestsPerSecond: 2, concurrency: 1 },
    },
    (made) => [syncTo((made as ReturnType<typeof rudderstack>).identify(), 'upsert', { userId: person.key })],
  ),
  definer(
    'airbyte',
    'destination ',
    airbyte,
    {
      required: {
        connector: pypi('a==1'),
        config: { path: env('LAKE'), deep: { list: [1, true, null] } },
        streams: { people: { fields: { id: 'text' }, key: 'id', open: false, modes: ['append'] } },
      },
      optional: { concurrency: perEnvironment({ default: 1 }) },
    },
    (made) => [
      syncTo((made as { stream(name: string): unknown } & Definition).stream('people'), 'append', { id: person.key }),
    ],
  ),
  definer(
    'resource',
    'resource ',
    resource,
    {
      required: { schema: z.object({ url: z.string() }), value: { url: secret('URL') } },
      optional: { description: 'd' },
    },
    () => [],
  ),
  definer(
    'project',
    'project ',
    project,
    {
      required: { assets: [best] },
      optional: {
        ...{ timeZone: 'UTC', asOf: '2020-01-01T00:00:00Z', schema: 's', pools: { api: 1 } },
        alerts: [alert('on_call', { on: ['run_failed'], to: [slackWebhook(env('A'))] })],
        runQueue: { limit: 3, tags: [{ key: 'team', value: 'x', limit: perEnvironment({ default: 1 }) }] },
      },
    },
    () => [],
  ),
  taker(
    'csv',
    csv,
    {
      required: { paths: ['a.csv'] },
      optional: { options: { delimiter: ';', header: true, dateFormat: '%Y' } },
    },
    ['paths', 'options'],
  ),
  ...Object.entries({ hourly, daily, weekly, monthly }).map(([name, factory]) =>
    taker(
      name,
      factory,
      {
        required: { options: { start: '2026-01-01', end: '2027-01-01', timeZone: 'UTC', offsetMinutes: 0 } },
        optional: {},
      },
      ['options'],
    ),
  ),
  taker('staticPartitions', staticPartitions, { required: { name: 'country', keys: ['de'] }, optional: {} }, [
    'name',
    'keys',
  ]),
  taker('dynamicPartitions', dynamicPartitions, { required: { set: 'shops' }, optional: {} }, ['set']),
  taker('multi', multi, { required: { dimensions: { day: days } }, optional: {} }, ['dimensions']),
  taker('lastPartitions', lastPartitions, { required: { table: people, count: 7 }, optional: {} }, ['table', 'count']),
  taker('allPartitions', allPartitions, { required: { table: people }, optional: {} }, ['table']),
  taker('latestPartition', latestPartition, { required: { table: people }, optional: {} }, ['table']),
  taker(
    'mapPartitions',
    mapPartitions,
    { required: { table: people, dimensions: { day: 'all', country: { de: ['fr'] } } }, optional: {} },
    ['table', 'dimensions'],
  ),
  taker(
    'alert',
    alert,
    {
      required: { name: 'on_call', options: { on: ['run_failed'], to: [slackWebhook(env('A'))] } },
      optional: {},
    },
    ['name', 'options'],
  ),
  taker('slackWebhook', slackWebhook, { required: { url: env('A') }, optional: {} }, ['url']),
  taker('webhook', webhook, { required: { url: env('A') }, optional: { options: { secret: env('B') } } }, [
    'url',
    'options',
  ]),
  taker(
    'email',
    email,
    { required: { options: { smtp: env('A'), from: 'a@example.com', to: ['b@example.com'] } }, optional: {} },
    ['options'],
  ),
  taker('purpose', purpose, { required: { name: 'marketing', options: { consent: [ok] } }, optional: {} }, [
    'name',
    'options',
  ]),
  taker('secret', secret, { required: { name: 'A' }, optional: {} }, ['name']),
  taker('env', env, { required: { name: 'A' }, optional: { fallback: 'b' } }, ['name', 'fallback']),
  taker('perEnvironment', perEnvironment, { required: { values: { dev: 1 } }, optional: {} }, ['values']),
  taker('command', command, { required: { line: ['python', 'a.py'] }, optional: {} }, ['line']),
  taker('image', image, { required: { reference: 'a:1' }, optional: {} }, ['reference']),
  taker('npm', npm, { required: { specifier: 'a@1.0.0' }, optional: {} }, ['specifier']),
  taker('pypi', pypi, { required: { requirement: 'a==1' }, optional: {} }, ['requirement']),
  taker('constant', constant, { required: { value: { a: [1] } }, optional: {} }, ['value']),
  taker('template', template, { required: { text: '{{ ok }}' }, optional: { variables: { ok, id: person.key } } }, [
    'text',
    'variables',
  ]),
  taker(
    'alsoTo',
    alsoTo,
    { required: { to: crm.table('people'), options: { mode: 'insert', map: { id: person.key } } }, optional: {} },
    ['to', 'options'],
  ),
  taker('cast', cast, { required: { value: ok, to: 'text' }, optional: {} }, ['value', 'to']),
  ...Object.entries({ hashed, normalized }).map(([name, factory]) =>
    taker(
      name,
      factory,
      {
        required: { value: person.key, options: { as: name === 'hashed' ? 'email' : 'country', for: 'google' } },
        optional: {},
      },
      ['value', 'options'],
    ),
  ),
  taker('choose', choose, { required: { value: ok, cases: { true: 'yes' } }, optional: { otherwise: 'no' } }, [
    'value',
    'cases',
    'otherwise',
  ]),
  {
    export: 'coalesce',
    label: 'coalesce',
    required: { 'values[0]': ok, 'values[1]': false },
    optional: {},
    call: (values) => unchecked(coalesce)(values['values[0]'], values['values[1]']),
  },
  ...Object.entries({ syncedAt, runId, syncName }).map(([name, factory]) =>
    taker(name, factory, { required: {}, optional: {} }, []),
  ),
  taker('not', not, { required: { condition: ok.isTrue() }, optional: {} }, ['condition']),
  ...Object.entries({ all, any }).map(([name, factory]): ValidCall => ({
    export: name,
    label: name,
    required: { 'conditions[0]': ok.isTrue(), 'conditions[1]': best.includes() },
    optional: {},
    call: (values) => unchecked(factory)(values['conditions[0]'], values['conditions[1]']),
  })),
  {
    export: 'sql',
    label: 'sql',
    required: { strings: ['select ', ''], 'tables[0]': people },
    optional: {},
    call: (values) => unchecked(sql)(values['strings'], values['tables[0]']),
  },
]
