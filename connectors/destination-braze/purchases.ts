import { identifierOf, prepared, refuse } from '../kit/index.ts'
import { occurrence, restOf } from './events.ts'
import { identifierFields, type BrazeObject } from './object.ts'
import { trackSending } from './track.ts'

const own = ['product_id', 'currency', 'price', 'quantity', 'time', 'app_id', 'properties']

/** Purchases. Each object is a new one for Braze, so none is sent again if its outcome is unknown. */
export const purchases: BrazeObject = {
  offer: {
    object_name: 'purchases',
    json_schema: {
      type: 'object',
      properties: {
        ...identifierFields,
        product_id: { type: 'string' },
        currency: { type: 'string', description: 'ISO 4217: EUR.' },
        price: { type: 'number', description: 'Of one piece.' },
        quantity: { type: ['null', 'integer'], description: '1 to 100; default 1.' },
        ...occurrence(),
      },
      additionalProperties: true,
    },
    does: { append: ['append', 'insert'] },
  },
  sending: (target) =>
    trackSending(target, 'purchases', false, (row, identity) => {
      const product_id = identifierOf(row.value['product_id'])
      const currency = identifierOf(row.value['currency'])
      const price = numberOf(row.value['price'])
      if (product_id === null) return refuse('no_product_id', 'product_id is missing.')
      if (currency === null) return refuse('no_currency', 'currency is missing.')
      if (price === null) return refuse('no_price', 'price is no number.')
      const quantity = row.value['quantity'] == null ? 1 : numberOf(row.value['quantity'])
      if (quantity === null) return refuse('invalid_quantity', 'quantity is no number.')
      const rest = restOf(row, own)
      if ('refusal' in rest) return rest
      return prepared({ ...identity, product_id, currency, price, quantity, ...rest.members })
    }),
}

/** Warehouses write exact decimals as text. */
function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : null
}
