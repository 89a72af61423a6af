import {
  all,
  audience,
  csv,
  dbt,
  entity,
  env,
  notebook,
  postgres,
  project,
  slack,
  snowplowEvents,
  source,
  sql,
  sync,
  template,
  trait,
  userModel,
} from 'traitline'

const purchases = source('purchases', {
  description: 'Every purchase at a CD shop from January 1997 to June 1998: the CDNOW data.',
  owners: ['data-platform'],
  table: 'raw.purchases',
  columns: { customer_id: 'text', purchased_on: 'date', quantity: 'integer', amount: 'number' },
  load: csv('data/cdnow_purchases.csv', { dateFormat: '%Y%m%d' }),
})

const webEvents = snowplowEvents('web_events', {
  description:
    'Browsing around the purchases. Simulated: made by the seeded generator, in the shape of Snowplow’s atomic events.',
  owners: ['data-platform'],
  tags: { data: 'simulated' },
  table: 'atomic.events',
  load: csv('home:data/shop/web_events.csv'),
})

const warehouse = dbt('shop', {
  path: 'dbt',
  sources: [purchases, webEvents],
  models: {
    customers: {
      customer_id: 'text',
      first_purchase_on: 'date',
      last_purchase_on: 'date',
      recency_days: 'integer',
      orders: 'integer',
      discs: 'integer',
      lifetime_value: 'number',
      average_order_value: 'number',
    },
    browsing: {
      customer_id: 'text',
      sessions_30d: 'integer',
      abandoned_cart_30d: 'boolean',
      favourite_genre: 'text',
    },
    monthly_revenue: { month: 'date', orders: 'integer', customers: 'integer', revenue: 'number' },
  },
})

const customers = warehouse.model('customers')
const browsing = warehouse.model('browsing')

const customer = entity('customer', { key: 'customer_id', type: 'text', population: customers })

const churn = notebook('churn', {
  description: 'Who will not come back in the next 90 days, and what the others will spend.',
  owners: ['data-science'],
  path: 'notebooks/churn.ipynb',
  of: customer,
  inputs: { purchases },
  output: { churn_propensity: 'number', predicted_value_90d: 'number' },
  timeoutSeconds: 600,
})

const recencyDays = trait.continuous('recency_days', {
  description: 'Days since the last purchase.',
  of: customer,
  from: customers.column('recency_days'),
  unit: 'days',
  min: 0,
  integer: true,
})

const orders = trait.continuous('orders', {
  of: customer,
  from: customers.column('orders'),
  unit: 'orders',
  min: 1,
  integer: true,
})

const lifetimeValue = trait.continuous('lifetime_value', {
  description: 'All that the customer has spent so far.',
  owners: ['analytics'],
  of: customer,
  from: customers.column('lifetime_value'),
  unit: 'USD',
  min: 0,
  precision: 2,
})

const repeatBuyer = trait.boolean('repeat_buyer', {
  description: 'Bought on at least two different days.',
  of: customer,
  from: sql`select customer_id, count(distinct purchased_on) >= 2 as value from ${purchases} group by customer_id`,
})

const valueTier = trait.categorical('value_tier', {
  description: 'Tiers by lifetime value: the top 5 % are gold, the next 20 % silver.',
  of: customer,
  categories: ['gold', 'silver', 'bronze'],
  from: sql`
    select customer_id,
           case when rank <= 0.05 then 'gold' when rank <= 0.25 then 'silver' else 'bronze' end as value
    from (select customer_id, percent_rank() over (order by lifetime_value desc) as rank from ${customers}) ranked`,
})

const abandonedCart = trait.boolean('abandoned_cart', {
  description: 'Filled a cart in the last 30 days and did not buy.',
  of: customer,
  from: browsing.column('abandoned_cart_30d'),
})

const favouriteGenre = trait.categorical('favourite_genre', {
  of: customer,
  categories: ['rock', 'pop', 'jazz', 'classical', 'country'],
  from: browsing.column('favourite_genre'),
})

const churnPropensity = trait.continuous('churn_propensity', {
  description: 'Probability of no purchase in the next 90 days, by the churn notebook.',
  owners: ['data-science'],
  of: customer,
  from: churn.column('churn_propensity'),
  min: 0,
  max: 1,
  precision: 4,
})

const predictedValue = trait.continuous('predicted_value_90d', {
  description: 'Expected spend in the next 90 days, by the churn notebook.',
  owners: ['data-science'],
  of: customer,
  from: churn.column('predicted_value_90d'),
  unit: 'USD',
  min: 0,
  precision: 2,
})

const customerModel = userModel('customer', {
  description: 'All that we know of a customer.',
  of: customer,
  traits: [
    recencyDays,
    orders,
    lifetimeValue,
    repeatBuyer,
    valueTier,
    abandonedCart,
    favouriteGenre,
    churnPropensity,
    predictedValue,
  ],
})

const atRisk = audience('at_risk', {
  description: 'Our best customers, about to leave with a full cart.',
  owners: ['marketing'],
  of: customer,
  where: all(valueTier.is('gold'), churnPropensity.gte(0.5), abandonedCart.isTrue()),
})

const loyal = audience('loyal', {
  description: 'Gold and silver customers who keep buying.',
  owners: ['marketing'],
  of: customer,
  where: all(valueTier.in('gold', 'silver'), repeatBuyer.isTrue(), churnPropensity.lt(0.3)),
})

const crm = postgres('crm', {
  url: env('SHOP_CRM_URL'),
  tables: {
    at_risk_customers: {
      key: 'customer_id',
      columns: { customer_id: 'text', lifetime_value: 'number', churn_propensity: 'number', favourite_genre: 'text?' },
    },
    customers: {
      key: 'customer_id',
      columns: {
        customer_id: 'text',
        value_tier: 'text',
        orders: 'integer',
        lifetime_value: 'number',
        predicted_value_90d: 'number?',
      },
    },
  },
})

const team = slack('team', { token: env('SLACK_BOT_TOKEN') })

const atRiskToCrm = sync('at_risk_to_crm', {
  description: 'The audience as a table of the CRM’s own, row for row.',
  from: atRisk,
  to: crm.table('at_risk_customers'),
  mode: 'mirror',
  map: {
    customer_id: customer.key,
    lifetime_value: lifetimeValue,
    churn_propensity: churnPropensity,
    favourite_genre: favouriteGenre,
  },
})

const atRiskToSlack = sync('at_risk_to_slack', {
  description: 'One message for each customer who enters the audience.',
  from: atRisk,
  to: team.channel('#retention'),
  mode: 'insert',
  map: {
    text: template(
      'Customer {{ customer }} has spent ${{ spent | round: 2 }} and may leave ({{ risk | times: 100 | round }} %). Send a note about {{ genre }}?',
      { customer: customer.key, spent: lifetimeValue, risk: churnPropensity, genre: favouriteGenre },
    ),
  },
})

const customersToCrm = sync('customers_to_crm', {
  from: customerModel,
  to: crm.table('customers'),
  mode: 'upsert',
  map: {
    customer_id: customer.key,
    value_tier: valueTier,
    orders,
    lifetime_value: lifetimeValue,
    predicted_value_90d: predictedValue,
  },
})

export default project('shop', {
  timeZone: 'America/New_York',
  asOf: '1998-07-01T00:00:00Z',
  assets: [warehouse, customerModel, loyal, atRiskToCrm, atRiskToSlack, customersToCrm],
})
