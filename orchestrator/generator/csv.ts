import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { TraitlineError } from '../contract/errors.ts'
import { eventColumns, type WebEvent } from './event.ts'
import type { Purchase } from './purchase.ts'
import { compactDay, dayOf } from './time.ts'

const purchaseHeader = 'customer_id,purchased_on,quantity,amount'

export const purchasesCsv = {
  header: `${purchaseHeader}\n`,
  line: (purchase: Purchase): string =>
    `${purchase.customerId},${compactDay(purchase.day)},${purchase.quantity},${purchase.amount.toFixed(2)}\n`,
}

/** An event's values are in the order of the columns, and none needs quotes: joining them is four times as fast. */
export const eventsCsv = {
  header: `${eventColumns.join(',')}\n`,
  line: (event: WebEvent): string => `${Object.values(event).join(',')}\n`,
}

/**
 * Reads purchases from a CSV file with the columns customer_id, purchased_on (YYYYMMDD or YYYY-MM-DD), quantity and
 * amount, none of them quoted.
 */
export async function* readPurchasesCsv(path: string): AsyncGenerator<Purchase> {
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity })
  let number = 0
  for await (const line of lines) {
    number++
    if (number === 1) {
      if (line !== purchaseHeader) throw badLine(path, number, `its header is not ${purchaseHeader}`)
      continue
    }
    if (line === '') continue
    yield parsePurchase(line) ?? badPurchase(path, number)
  }
}

function parsePurchase(line: string): Purchase | null {
  const [customerId, day, quantity, amount, ...others] = line.split(',')
  if (!customerId || others.length > 0 || !/^\d{4}-?\d\d-?\d\d$/.test(day ?? '')) return null
  if (!/^\d+$/.test(quantity ?? '') || !/^\d+(\.\d+)?$/.test(amount ?? '')) return null
  return { customerId, day: dayOf(day ?? ''), quantity: Number(quantity), amount: Number(amount) }
}

function badPurchase(path: string, line: number): never {
  throw badLine(path, line, 'it does not hold an id, a date, a whole number and an amount')
}

function badLine(path: string, line: number, reason: string): TraitlineError {
  return new TraitlineError({
    code: 'GENERATOR_BAD_PURCHASES',
    message: `${path}, line ${line}: ${reason}`,
    hint: `Give a CSV file with the header ${purchaseHeader}, dates as YYYYMMDD, and no quotes.`,
    blame: 'user',
  })
}
