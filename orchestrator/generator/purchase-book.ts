import { TraitlineError } from '../contract/errors.ts'
import type { Purchase, PurchaseBook } from './purchase.ts'

/**
 * Reads purchases once into a book. Memory grows with the purchases, never with the events made around them.
 * They have to come customer by customer, in ascending order of the id's text.
 */
export async function readBook(purchases: Iterable<Purchase> | AsyncIterable<Purchase>): Promise<PurchaseBook> {
  const customers: { customerId: string; purchases: Purchase[] }[] = []
  for await (const purchase of purchases) {
    const last = customers.at(-1)
    if (last?.customerId === purchase.customerId) {
      last.purchases.push(purchase)
      continue
    }
    if (/[\s",]/.test(purchase.customerId)) throw badId()
    if (last !== undefined && purchase.customerId < last.customerId) throw unsorted()
    customers.push({ customerId: purchase.customerId, purchases: [purchase] })
  }
  for (const customer of customers) customer.purchases.sort((a, b) => a.day - b.day)
  return { customers: () => customers }
}

function unsorted(): TraitlineError {
  return new TraitlineError({
    code: 'GENERATOR_UNSORTED',
    message: 'purchases do not come in ascending order of customer_id',
    hint: 'Sort the purchases by customer_id, as text.',
    blame: 'user',
  })
}

function badId(): TraitlineError {
  return new TraitlineError({
    code: 'GENERATOR_BAD_CUSTOMER_ID',
    message: 'a customer_id has white space, a comma or a quote in it',
    hint: 'Give ids of letters, digits and signs, such as 00042.',
    blame: 'user',
  })
}
