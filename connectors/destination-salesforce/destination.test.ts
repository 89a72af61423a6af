import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { deliver, type GivenRow } from '../../test/harness/deliver.ts'
import { configuredStream, runProgram } from '../../test/harness/destination.ts'
import type { VendorMishap } from '../../test/stand-ins/vendor.ts'
import type { JsonData, RowOperation } from '../protocol/index.ts'
import { destinationSalesforce } from './destination.ts'
import { clientSecret, startSalesforce, type SalesforceStandIn } from './stand-in.fixture.ts'

const key = 'External_Id__c'
let salesforce: SalesforceStandIn
beforeEach(async () => {
  salesforce = await startSalesforce()
})
afterEach(async () => {
  const { breaches } = salesforce
  await salesforce.close()
  expect(breaches).toEqual([])
})

const settings = (more: JsonData = {}): JsonData => ({
  domain_url: salesforce.url,
  ...{ client_id: 'app', client_secret: clientSecret, requests_per_second: 100_000 },
  ...{ timeout_seconds: 20, lock_wait_seconds: 0.001, parallel_requests: 1, ...more },
})

const write = (operation: RowOperation, rows: readonly GivenRow[], by: string | null = key, more: JsonData = {}) => {
  const primary_key = by === null ? {} : { primary_key: [[by]] }
  const stream = configuredStream('s', {}, { operation, destination_object_name: 'Contact', ...primary_key })
  return deliver(destinationSalesforce, settings(more), [stream], [rows])
}
const contact = (n: number): JsonData => ({ [key]: `c${n}`, LastName: `N${n}` })
const many = (count: number): JsonData[] => Array.from({ length: count }, (_, n) => contact(n))
const attributes = { type: 'Contact' }

describe('upsert', () => {
  test('by external id: relationships nested, nulls clear', async () => {
    const row = { ...contact(1), Score__c: null, 'Account.Number__c': 7, 'Owner.Key__c': null }
    const { answers, said } = await write('upsert', [row])
    expect(said).toBe('')
    expect(answers).toMatchObject([{ recordCount: 1, rejected: [], skipped: [] }])
    const record = { attributes, ...contact(1), Score__c: null, Account: { Number__c: 7 } }
    expect(salesforce.sent()[0]?.json).toEqual({ allOrNone: false, records: [record] })
  })

  test('200 records a request', async () => {
    await write('upsert', many(450))
    expect(salesforce.sent().map(({ json }) => (json as { records: unknown[] }).records.length)).toEqual([200, 200, 50])
    expect(salesforce.records.size).toBe(450)
  })

  test('a refused record is the row at its place, by its code', async () => {
    salesforce.refusals.push('c3 DUPLICATES_DETECTED', 'c250 FIELD_CUSTOM_VALIDATION_EXCEPTION')
    const { answers } = await write('upsert', many(300))
    expect(answers).toMatchObject([
      {
        recordCount: 300,
        rejected: [
          { ordinal: 3, code: 'DUPLICATES_DETECTED', message: 'DUPLICATES_DETECTED happened' },
          { ordinal: 250, code: 'FIELD_CUSTOM_VALIDATION_EXCEPTION' },
        ],
      },
    ])
    expect(salesforce.records.size).toBe(298)
  })

  test('locked rows are sent again, alone, and refused in the end', async () => {
    salesforce.refusals.push('c1 UNABLE_TO_LOCK_ROW', ...Array<string>(4).fill('c2 UNABLE_TO_LOCK_ROW'))
    const { answers } = await write('upsert', many(4))
    expect(answers).toMatchObject([{ recordCount: 4, rejected: [{ ordinal: 2, code: 'UNABLE_TO_LOCK_ROW' }] }])
    expect(salesforce.sent().map(({ json }) => (json as { records: unknown[] }).records.length)).toEqual([4, 2, 1, 1])
  })

  test('a value that cannot be read refuses its row alone, and is not repeated', async () => {
    const rows = many(32).map((row, n) => (n === 20 ? { ...row, Score__c: 'private' } : row))
    const { answers, messages } = await write('upsert', rows)
    expect(answers).toMatchObject([{ recordCount: 32, rejected: [{ ordinal: 20, code: 'JSON_PARSER_ERROR' }] }])
    expect(salesforce.records.size).toBe(31)
    expect(JSON.stringify(messages)).not.toContain('private')
  })

  test('a field that the object does not have is the mapping’s fault, not each row’s', async () => {
    const { answers, said, code } = await write('upsert', [{ ...contact(1), Nothing__c: 1 }])
    expect([answers, code]).toEqual([[], 1])
    expect(said).toContain('compare the mapping')
  })

  test.each([
    ['no_key', { LastName: 'private' }],
    ['too_large', { ...contact(1), Description: 'private'.repeat(150_000) }],
  ])('%s is refused before it is sent, alone', async (code, row) => {
    const { answers, messages } = await write('upsert', [row, contact(2)])
    expect(answers).toMatchObject([{ recordCount: 2, rejected: [{ ordinal: 0, code }] }])
    expect(JSON.stringify(messages)).not.toContain('private')
  })
})

describe('insert, update, delete', () => {
  test('insert skips what is there', async () => {
    salesforce.add({ [key]: 'c1' })
    const { answers } = await write('insert', many(3))
    expect(answers).toMatchObject([{ recordCount: 3, rejected: [], skipped: [{ ordinal: 1, code: 'exists' }] }])
    expect(salesforce.records.size).toBe(3)
  })

  test('update finds the records first, and skips those that are not there', async () => {
    const id = salesforce.add({ [key]: "C'1", LastName: 'Old' })
    salesforce.add({ [key]: 'two' })
    salesforce.add({ [key]: 'Two' })
    const { answers } = await write('update', [
      { [key]: "c'1", LastName: 'New' },
      { [key]: 'gone', LastName: 'New' },
      { [key]: 'TWO', LastName: 'New' },
    ])
    expect(answers).toMatchObject([
      { skipped: [{ ordinal: 1, code: 'absent' }], rejected: [{ ordinal: 2, code: 'ambiguous' }] },
    ])
    expect(salesforce.sent()[0]?.json).toEqual({ allOrNone: false, records: [{ attributes, LastName: 'New', id }] })
  })

  test('update by Id asks for nothing first', async () => {
    const id = salesforce.add({ [key]: 'x' })
    const rows = [{ Id: id, Score__c: null }, { Id: '003000000000999AAA' }, { Id: 'no id' }]
    const { answers } = await write('update', rows, 'Id')
    expect(answers).toMatchObject([{ skipped: [{ ordinal: 1 }], rejected: [{ ordinal: 2, code: 'invalid_id' }] }])
    expect(salesforce.records.get(id)).toMatchObject({ Score__c: null })
  })

  test('delete by a number; absent is done, and so is what is deleted in between', async () => {
    salesforce.add({ Number__c: 7 })
    const { answers } = await write('delete', [{ Number__c: '7.0' }, { Number__c: 8 }, { Number__c: 'x' }], 'Number__c')
    expect(answers).toMatchObject([{ recordCount: 3, rejected: [], skipped: [] }])
    expect(salesforce.records.size).toBe(0)
    expect(await write('delete', [{ Id: '003000000000999AAA' }], 'Id')).toMatchObject({
      answers: [{ recordCount: 1, rejected: [], skipped: [] }],
    })
  })

  test('long keys are looked up in several queries', async () => {
    const rows = Array.from({ length: 200 }, (_, n) => ({ [key]: `${'é'.repeat(100)}${n}` }))
    for (const row of rows) salesforce.add(row)
    await write('delete', rows)
    expect(salesforce.records.size).toBe(0)
  })
})

describe('when things go wrong', () => {
  test.each<[string, VendorMishap]>([
    ['HTTP 503', { status: 503 }],
    ['HTTP 500 after the effect', 'fails after'],
    ['a cut connection', 'cut'],
    ['429', { status: 429, headers: { 'retry-after': '0.01' } }],
  ])('%s: upserts are sent again', async (_, mishap) => {
    salesforce.mishaps.push(null, mishap)
    const { answers } = await write('upsert', many(2))
    expect(answers).toMatchObject([{ recordCount: 2, rejected: [], retried: 1 }])
    expect(salesforce.records.size).toBe(2)
  })

  test.each<[string, VendorMishap]>([
    ['a cut connection', 'cut'],
    ['no answer in time', 'hang'],
  ])('%s leaves the outcome of new records unknown: not sent again', async (_, mishap) => {
    salesforce.mishaps.push(null, mishap)
    const { answers, said } = await write('insert', many(2), key, { timeout_seconds: 2 })
    expect(answers).toEqual([])
    expect(said).toContain('not known whether the rows were taken')
    expect(salesforce.records.size).toBe(2)
  })

  test('a session that ended is begun anew', async () => {
    salesforce.mishaps.push(null, { status: 401 })
    const { answers } = await write('upsert', many(1), key, { refresh_token: 'r' })
    expect(answers).toMatchObject([{ recordCount: 1, rejected: [] }])
  })

  test('the day’s requests: the rest is left to others', async () => {
    salesforce.usage = '95/100'
    const { answers, said } = await write('upsert', many(300))
    expect(answers).toEqual([])
    expect(said).toContain('has used 95 %')
    salesforce.mishaps.push(null, { status: 403, body: [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'x' }] })
    const run = await write('upsert', many(1))
    expect(run.messages.at(-1)).toMatchObject({ trace: { error: { failure_type: 'transient_error' } } })
  })
})

describe('check, discover and what is not offered', () => {
  test('check', async () => {
    const check = (more: JsonData = {}) => runProgram(destinationSalesforce, 'check', { config: settings(more) })
    expect((await check()).messages).toMatchObject([{ connectionStatus: { status: 'SUCCEEDED' } }])
    const { messages, said } = await check({ client_secret: 'wrong-secret' })
    expect(messages).toMatchObject([{ connectionStatus: { status: 'FAILED' } }])
    expect(said).toContain('invalid_client')
    expect(said).not.toContain('wrong-secret')
  })

  test('discover: any object, and the fields of those that are named', async () => {
    const config = settings({ objects: ['Contact'] })
    const { messages } = await runProgram(destinationSalesforce, 'discover', { config })
    const { destination_catalog: catalog } = messages[0] as unknown as {
      destination_catalog: { operations: JsonData[] }
    }
    expect(catalog.operations.map((one) => one['object_name'])).toEqual([
      ...Array<string>(4).fill('*'),
      ...Array<string>(4).fill('Contact'),
    ])
    expect(catalog.operations[5]).toMatchObject({ matching_keys: [['Id'], [key], ['Number__c']] })
  })

  test.each<[RowOperation, string | null, string]>([
    ['upsert', 'Id', 'not by Id'],
    ['upsert', null, 'needs a key'],
    ['delete', 'LastName', 'cannot be matched by LastName'],
    ['delete', 'x; y', 'not the API name'],
    ['add', key, 'has no add'],
  ])('%s by %s', async (operation, by, words) => {
    const { code, said } = await write(operation, [{ LastName: 'x' }], by)
    expect(code).toBe(1)
    expect(said).toContain(words)
    expect(salesforce.sent()).toEqual([])
  })
})
