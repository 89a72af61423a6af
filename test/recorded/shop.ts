import { createHash } from 'node:crypto'
import type {
  AssetKey,
  AssetSpec,
  ColumnSpec,
  DbtTestSpec,
  Manifest,
  ModelSpec,
  SyncSpec,
  TraitOrigin,
  TraitSpec,
  TraitType,
} from '../../orchestrator/contract/index.ts'

/** A small shop, as compiled: one asset of each kind at least, for tests that show or serve a project. */

const schema = 'traitline_shop'

const base = {
  description: null,
  group: null,
  owners: [],
  tags: {},
  columns: [],
} as const

/** A new letter, a new version: tests decide when a definition has changed. */
function version(key: string, letter: string): string {
  return createHash('sha256').update(`${key} ${letter}`).digest('hex')
}

function at(line: number) {
  return { file: 'traitline.ts', line }
}

function columns(types: Readonly<Record<string, ColumnSpec['type']>>): ColumnSpec[] {
  return Object.entries(types).map(([name, type]) => ({ name, type }))
}

function model(name: string, deps: readonly AssetKey[], fields: Partial<ModelSpec> = {}): ModelSpec {
  const key: AssetKey = `model/shop/${name}`
  return {
    ...base,
    key,
    kind: 'model',
    group: 'warehouse',
    owners: ['analytics'],
    definedAt: at(34),
    deps,
    relation: { schema: 'shop', name },
    codeVersion: version(key, 'a'),
    dbtProject: 'shop',
    uniqueId: `model.shop.${name}`,
    materialized: 'table',
    path: `models/${name}.sql`,
    tests: [],
    ...fields,
  }
}

function trait(name: string, type: TraitType, origin: TraitOrigin, fields: Partial<TraitSpec> = {}): TraitSpec {
  const key: AssetKey = `trait/${name}`
  return {
    ...base,
    key,
    kind: 'trait',
    definedAt: at(88),
    deps: origin.type === 'column' ? [origin.asset] : [...new Set(origin.sql.refs)],
    relation: { schema, name: `trait_${name}` },
    codeVersion: version(key, 'a'),
    entity: 'customer',
    trait: type,
    origin,
    ...fields,
  }
}

function number(fields: Partial<Extract<TraitType, { type: 'continuous' }>> = {}): TraitType {
  return { type: 'continuous', unit: null, min: 0, max: null, precision: 2, integer: false, ...fields }
}

const customers = 'model/shop/customers'
const churn = 'notebook/churn'

export interface ShopChanges {
  /** Another SQL behind `value_tier`, another threshold of `at_risk`, and one trait more. */
  readonly second?: boolean
}

export function shopManifest({ second = false }: ShopChanges = {}): Manifest {
  const letter = second ? 'b' : 'a'
  const traits: TraitSpec[] = [
    trait(
      'recency_days',
      number({ unit: 'days', integer: true }),
      { type: 'column', asset: customers, column: 'recency_days' },
      {
        description: 'Days since the last purchase.',
      },
    ),
    trait('orders', number({ unit: 'orders', min: 1, integer: true }), {
      type: 'column',
      asset: customers,
      column: 'orders',
    }),
    trait(
      'lifetime_value',
      number({ unit: 'USD' }),
      { type: 'column', asset: customers, column: 'lifetime_value' },
      {
        description: second
          ? 'All that the customer has spent so far, before returns.'
          : 'All that the customer has spent so far.',
        owners: ['analytics'],
      },
    ),
    trait(
      'repeat_buyer',
      { type: 'boolean' },
      {
        type: 'sql',
        sql: {
          strings: ['select customer_id, count(distinct purchased_on) >= 2 as value from ', ' group by customer_id'],
          refs: ['source/purchases'],
        },
      },
      { description: 'Bought on at least two different days.' },
    ),
    trait(
      'value_tier',
      { type: 'categorical', categories: ['gold', 'silver', 'bronze'] },
      {
        type: 'sql',
        sql: {
          strings: [
            `\n    select customer_id,\n           case when rank <= ${second ? '0.05' : '0.10'} then 'gold'\n                when rank <= 0.25 then 'silver'\n                else 'bronze' end as value\n    from (select customer_id, percent_rank() over (order by lifetime_value desc) as rank\n          from `,
            ') ranked',
          ],
          refs: [customers],
        },
      },
      {
        description: 'Tiers by lifetime value: the top 5 % are gold, the next 20 % silver.',
        codeVersion: version('trait/value_tier', letter),
      },
    ),
    trait(
      'abandoned_cart',
      { type: 'boolean' },
      { type: 'column', asset: 'model/shop/browsing', column: 'abandoned_cart_30d' },
      {
        description: 'Filled a cart in the last 30 days and did not buy.',
        tags: { data: 'simulated' },
      },
    ),
    trait(
      'favourite_genre',
      { type: 'categorical', categories: ['rock', 'pop', 'jazz', 'classical', 'country'] },
      { type: 'column', asset: 'model/shop/browsing', column: 'favourite_genre' },
      { tags: { data: 'simulated' } },
    ),
    trait(
      'churn_propensity',
      number({ max: 1, precision: 4 }),
      { type: 'column', asset: churn, column: 'churn_propensity' },
      {
        description: 'Probability of no purchase in the next 90 days, by the churn notebook.',
        owners: ['data-science'],
      },
    ),
    ...(second
      ? [
          trait(
            'predicted_value_90d',
            number({ unit: 'USD' }),
            { type: 'column', asset: churn, column: 'predicted_value_90d' },
            {
              description: 'Expected spend in the next 90 days, by the churn notebook.',
              owners: ['data-science'],
            },
          ),
        ]
      : []),
  ]
  return {
    format: 1,
    project: 'shop',
    timeZone: 'America/New_York',
    asOf: '1998-07-01T00:00:00Z',
    schema,
    entities: [{ name: 'customer', key: { column: 'customer_id', type: 'text' }, population: customers }],
    dbtProjects: [{ name: 'shop', path: 'dbt', schema: 'shop', vars: {} }],
    destinations: [
      {
        name: 'crm',
        connector: { type: 'builtin', name: 'postgres' },
        config: { url: { $env: 'SHOP_CRM_URL' } },
        streams: [],
        definedAt: at(170),
      },
      {
        name: 'team',
        connector: { type: 'builtin', name: 'slack' },
        config: { token: { $env: 'SLACK_BOT_TOKEN' } },
        streams: [],
        definedAt: at(184),
      },
    ],
    assets: [
      ...sources(),
      ...models(),
      notebook(),
      ...traits,
      userModel(traits, letter),
      ...audiences(second),
      ...syncs(),
    ],
  }
}

function sources(): AssetSpec[] {
  const load = { format: 'csv', delimiter: ',', header: true } as const
  return [
    {
      ...base,
      key: 'source/purchases',
      kind: 'source',
      description: 'Every purchase at a CD shop from January 1997 to June 1998: the CDNOW data.',
      owners: ['data-platform'],
      definedAt: at(19),
      deps: [],
      relation: { schema: 'raw', name: 'purchases' },
      columns: columns({ customer_id: 'text', purchased_on: 'date', quantity: 'integer', amount: 'number' }),
      codeVersion: version('source/purchases', 'a'),
      load: { ...load, paths: ['data/cdnow_purchases.csv'], dateFormat: '%Y%m%d' },
    },
    {
      ...base,
      key: 'source/web_events',
      kind: 'source',
      description: 'Browsing around the purchases. Simulated: made by the seeded generator.',
      owners: ['data-platform'],
      tags: { data: 'simulated' },
      definedAt: at(27),
      deps: [],
      relation: { schema: 'atomic', name: 'events' },
      columns: [
        { name: 'event_id', type: 'text' },
        { name: 'user_id', type: 'text', pii: true },
        { name: 'collector_tstamp', type: 'timestamp' },
      ],
      codeVersion: version('source/web_events', 'a'),
      load: { ...load, paths: ['home:data/shop/web_events.csv'], dateFormat: null },
    },
  ]
}

function check(name: string, severity: DbtTestSpec['severity']): DbtTestSpec {
  return { name, uniqueId: `test.shop.${name}`, severity, reads: ['model/shop/customers'] }
}

function models(): AssetSpec[] {
  return [
    model('stg_purchases', ['source/purchases'], { materialized: 'view' }),
    model('customers', ['model/shop/stg_purchases'], {
      description: 'One row a customer: recency, frequency and monetary value.',
      columns: columns({ customer_id: 'text', recency_days: 'integer', orders: 'integer', lifetime_value: 'number' }),
      tests: [
        check('unique_customers_customer_id', 'error'),
        check('not_null_customers_customer_id', 'error'),
        check('customers_with_future_orders', 'warn'),
      ],
    }),
    model('browsing', ['source/web_events'], { tags: { data: 'simulated' } }),
    model('monthly_revenue', ['model/shop/stg_purchases']),
  ]
}

function notebook(): AssetSpec {
  return {
    ...base,
    key: churn,
    kind: 'notebook',
    description: 'Who will not come back in the next 90 days, and what the others will spend.',
    owners: ['data-science'],
    definedAt: at(66),
    deps: ['source/purchases'],
    relation: { schema, name: 'notebook_churn' },
    columns: columns({ churn_propensity: 'number', predicted_value_90d: 'number' }),
    codeVersion: version(churn, 'a'),
    path: 'notebooks/churn.ipynb',
    entity: 'customer',
    inputs: { purchases: 'source/purchases' },
    parameters: { horizon_days: 90 },
    kernel: 'python3',
    timeoutSeconds: 600,
  }
}

function userModel(traits: readonly TraitSpec[], letter: string): AssetSpec {
  const keys = traits.map(({ key }) => key)
  return {
    ...base,
    key: 'user_model/customer',
    kind: 'user_model',
    description: 'All that we know of a customer.',
    definedAt: at(148),
    deps: [...keys, customers],
    relation: { schema, name: 'user_model_customer' },
    codeVersion: version('user_model/customer', letter),
    entity: 'customer',
    traits: keys,
  }
}

function audiences(second: boolean): AssetSpec[] {
  return [
    {
      ...base,
      key: 'audience/at_risk',
      kind: 'audience',
      description: 'Our best customers, about to leave with a full cart.',
      owners: ['marketing'],
      definedAt: at(163),
      deps: ['trait/value_tier', 'trait/churn_propensity', 'trait/abandoned_cart', customers],
      relation: { schema, name: 'audience_at_risk' },
      codeVersion: version('audience/at_risk', second ? 'b' : 'a'),
      entity: 'customer',
      where: {
        op: 'all',
        of: [
          { op: 'compare', trait: 'trait/value_tier', test: { is: 'eq', value: 'gold' } },
          { op: 'compare', trait: 'trait/churn_propensity', test: { is: 'gte', value: second ? 0.5 : 0.6 } },
          { op: 'compare', trait: 'trait/abandoned_cart', test: { is: 'eq', value: true } },
        ],
      },
    },
    {
      ...base,
      key: 'audience/loyal',
      kind: 'audience',
      description: 'Gold and silver customers who keep buying.',
      owners: ['marketing'],
      definedAt: at(169),
      deps: ['trait/value_tier', 'trait/repeat_buyer', 'trait/lifetime_value', 'audience/at_risk', customers],
      relation: { schema, name: 'audience_loyal' },
      codeVersion: version('audience/loyal', 'a'),
      entity: 'customer',
      where: {
        op: 'all',
        of: [
          { op: 'compare', trait: 'trait/value_tier', test: { is: 'in', values: ['gold', 'silver'] } },
          {
            op: 'any',
            of: [
              { op: 'compare', trait: 'trait/repeat_buyer', test: { is: 'eq', value: true } },
              { op: 'compare', trait: 'trait/lifetime_value', test: { is: 'gte', value: 500 } },
            ],
          },
          { op: 'not', of: { op: 'in_audience', audience: 'audience/at_risk' } },
        ],
      },
    },
  ]
}

function sync(
  name: string,
  fields: Pick<SyncSpec, 'deps' | 'from' | 'destination' | 'stream' | 'mode' | 'mapping'>,
): SyncSpec {
  const key: AssetKey = `sync/${name}`
  return {
    ...base,
    key,
    kind: 'sync',
    definedAt: at(196),
    relation: null,
    codeVersion: version(key, 'a'),
    entity: 'customer',
    ...fields,
  }
}

function syncs(): AssetSpec[] {
  return [
    {
      ...sync('at_risk_to_crm', {
        deps: ['audience/at_risk', 'trait/lifetime_value', 'trait/churn_propensity'],
        from: 'audience/at_risk',
        destination: 'crm',
        stream: 'at_risk_customers',
        mode: 'mirror',
        mapping: [
          { field: 'customer_id', value: { type: 'key' } },
          { field: 'lifetime_value', value: { type: 'trait', trait: 'trait/lifetime_value' } },
          { field: 'churn_propensity', value: { type: 'trait', trait: 'trait/churn_propensity' } },
          { field: 'source', value: { type: 'constant', value: 'traitline' } },
        ],
      }),
      description: 'The audience as a table of the CRM’s own, row for row.',
    },
    {
      ...sync('at_risk_to_slack', {
        deps: ['audience/at_risk', 'trait/lifetime_value', 'trait/churn_propensity'],
        from: 'audience/at_risk',
        destination: 'team',
        stream: '#retention',
        mode: 'insert',
        mapping: [
          {
            field: 'text',
            value: {
              type: 'template',
              template:
                'Customer {{ customer }} has spent ${{ spent | round: 2 }} and may leave ({{ risk | times: 100 | round }} %).',
              variables: {
                customer: { type: 'key' },
                spent: { type: 'trait', trait: 'trait/lifetime_value' },
                risk: { type: 'trait', trait: 'trait/churn_propensity' },
              },
            },
          },
        ],
      }),
      description: 'One message for each customer who enters the audience.',
    },
    sync('customers_to_crm', {
      deps: ['user_model/customer', 'trait/value_tier', 'trait/orders'],
      from: 'user_model/customer',
      destination: 'crm',
      stream: 'customers',
      mode: 'upsert',
      mapping: [
        { field: 'customer_id', value: { type: 'key' } },
        { field: 'value_tier', value: { type: 'trait', trait: 'trait/value_tier' } },
        { field: 'orders', value: { type: 'trait', trait: 'trait/orders' } },
      ],
    }),
  ]
}
