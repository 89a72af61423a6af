import { readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../process/index.ts'
import { tempDir } from '../../test/harness/temp.ts'
import {
  eventColumns,
  generateEvents,
  generatePurchases,
  readPurchasesCsv,
  type Purchase,
  writeEventsCsv,
  writePurchasesCsv,
} from './index.ts'

const customers = { customers: 300, seed: 7, from: '1997-01-01', until: '1998-07-01' }

async function readAll(path: string): Promise<Purchase[]> {
  const purchases: Purchase[] = []
  for await (const purchase of readPurchasesCsv(path)) purchases.push(purchase)
  return purchases
}

test('events as a file: a header and one line each, with as many cells as there are columns', async () => {
  const path = join(await tempDir(), 'deep/events.csv')
  const options = { purchases: customers, events: 5_000, seed: 1, until: '1998-07-01' }
  const written = await writeEventsCsv(path, options)
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
  expect(written).toMatchObject({ rows: 5_000, bytes: (await stat(path)).size })
  expect(lines[0]).toBe(eventColumns.join(','))
  expect(lines).toHaveLength(5_001)
  expect(lines.every((line) => line.split(',').length === eventColumns.length && !line.includes('"'))).toBe(true)
  let line = 1
  for await (const events of generateEvents(options)) {
    for (const event of events) expect(lines[line++]).toBe(Object.values(event).join(','))
  }
})

test('every column is one of Snowplow’s atomic events', async () => {
  const fixture = await readFile(join(packageRoot(), 'test/fixtures/snowplow_web_events.csv'), 'utf8')
  const atomic = fixture.slice(0, fixture.indexOf('\n')).trim().split(',')
  expect(eventColumns.filter((column) => !atomic.includes(column))).toEqual([])
})

test('purchases that were written are read back', async () => {
  const path = join(await tempDir(), 'purchases.csv')
  const { rows } = await writePurchasesCsv(path, customers)
  expect(await readAll(path)).toEqual([...generatePurchases(customers)])
  expect(rows).toBe((await readAll(path)).length)
})

test('a file that is no list of purchases is refused by its line, without its values', async () => {
  const path = join(await tempDir(), 'purchases.csv')
  await writeFile(path, 'customer_id,purchased_on,quantity,amount\n00001,19970101,1,11.77\n00002,secret,1,2\n')
  const failure = await readAll(path).catch((error: unknown) => error)
  expect(failure).toMatchObject({ code: 'GENERATOR_BAD_PURCHASES', blame: 'user' })
  expect(String(failure)).toMatch(/purchases\.csv, line 3/)
  expect(String(failure)).not.toContain('secret')
})

test('what is stopped or fails leaves no file behind', async () => {
  const folder = await tempDir()
  const path = join(folder, 'events.csv')
  const controller = new AbortController()
  const onProgress = (): void => controller.abort()
  const options = { purchases: customers, events: 50_000, seed: 1, until: '1998-07-01' }
  await expect(writeEventsCsv(path, options, { onProgress, signal: controller.signal })).rejects.toThrow()
  const broken = { ...options, purchases: readPurchasesCsv(join(folder, 'missing.csv')) }
  await expect(writeEventsCsv(path, broken)).rejects.toThrow()
  expect(await readdir(folder)).toEqual([])
})

test('a hundred thousand events around the real purchases, timed', async () => {
  const purchases = readPurchasesCsv(join(packageRoot(), 'examples/shop/data/cdnow_purchases.csv'))
  const path = join(await tempDir(), 'events.csv')
  const written = await writeEventsCsv(path, { purchases, events: 100_000, seed: 1, until: '1998-07-01' })
  expect(written.rows).toBe(100_000)
  console.log(`generator: ${written.rowsPerSecond.toLocaleString('en-US')} events/s, ${written.seconds.toFixed(2)} s`)
})
