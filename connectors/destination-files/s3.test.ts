import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { deliver } from '../../test/harness/deliver.ts'
import { configuredStream, runProgram } from '../../test/harness/destination.ts'
import { tempDir } from '../../test/harness/temp.ts'
import type { JsonData } from '../protocol/index.ts'
import { destinationFiles } from './destination.ts'
import { putFile } from './places/put-file.ts'
import { s3Client } from './places/s3-client.ts'
import { configSchema } from './config.ts'
import { credentials, startStore, type StoreMishap, type StoreStandIn } from './stand-in.fixture.ts'

let store: StoreStandIn
beforeEach(async () => {
  store = await startStore()
})
afterEach(async () => {
  const { breaches } = store
  await store.close()
  expect(breaches).toEqual([])
})

const people = configuredStream('people', ['id', 'note'], { operation: 'append' })

function configOf(more: JsonData = {}): JsonData {
  return { bucket: 'lake', prefix: 'exports/', endpoint: store.url, path_style: true, ...credentials, ...more }
}

function write(batches: readonly (readonly JsonData[])[], more: JsonData = {}) {
  return deliver(destinationFiles, configOf(more), [people], batches)
}

function objects(): Record<string, string> {
  return Object.fromEntries([...store.objects].map(([key, body]) => [key, body.toString()]))
}

test('a batch is one object, put by one signed request, and put again over itself', async () => {
  for (let time = 0; time < 2; time++) {
    const { answers, code } = await write([[{ id: '1', note: 'é' }, { id: '2' }], [{ id: '3' }]])
    expect(code).toBe(0)
    expect(answers).toMatchObject([
      { recordCount: 2, rejected: [], requests: 1, throttled: 0, retried: 0 },
      { recordCount: 1, rejected: [], requests: 1 },
    ])
  }
  expect(objects()).toEqual({
    'exports/people/1970-01-01/run.0.jsonl': '{"id":"1","note":"é"}\n{"id":"2"}\n',
    'exports/people/1970-01-01/run.1.jsonl': '{"id":"3"}\n',
  })
})

test('names that are no plain names are signed as they are sent', async () => {
  const odd = configuredStream('Kund(inn)en & Co/+ü', ['id'], { operation: 'append' })
  const { code } = await deliver(destinationFiles, configOf(), [odd], [[{ id: '1' }]])
  expect(code).toBe(0)
  expect([...store.objects.keys()]).toEqual(['exports/Kund%28inn%29en%20%26%20Co%2F%2B%C3%BC/1970-01-01/run.0.jsonl'])
})

describe('what is tried again, since a file that is put twice is there once', () => {
  test.each<[string, StoreMishap, object]>([
    ['503 SlowDown', { status: 503, code: 'SlowDown' }, { requests: 2, retried: 1, throttled: 1 }],
    ['500', { status: 500, code: 'InternalError' }, { requests: 2, retried: 1, throttled: 0 }],
    ['a connection that is cut', 'cut', { requests: 2, retried: 1 }],
    ['an answer that does not come', 'hang', { requests: 2, retried: 1 }],
  ])('%s', async (_, mishap, traffic) => {
    store.mishaps.push(mishap)
    const { answers } = await write([[{ id: '1' }]], mishap === 'hang' ? { timeout_seconds: 1 } : {})
    expect(answers).toMatchObject([{ recordCount: 1, ...traffic }])
    expect(store.objects.size).toBe(1)
  })
})

describe('what ends the write, the batch not acknowledged', () => {
  test.each<[string, JsonData, StoreMishap | null, string, string]>([
    ['a bucket that is not there', { bucket: 'ocean' }, null, 'config_error', 'there is no such bucket'],
    ['a key that nobody knows', { access_key_id: 'AKIAOTHER' }, null, 'config_error', 'does not know access_key_id'],
    ['a wrong secret', { secret_access_key: 'another' }, null, 'config_error', 'secret_access_key is not that of'],
    ['no permission', {}, { status: 403, code: 'AccessDenied' }, 'config_error', 'grant s3:PutObject'],
    ['another region', {}, { status: 301, code: 'PermanentRedirect' }, 'config_error', 'correct region'],
  ])('%s', async (_, more, mishap, type, words) => {
    store.mishaps.push(mishap)
    const { answers, messages, said } = await write([[{ id: 'private' }]], more)
    expect(answers).toEqual([])
    expect(messages.at(-1)).toMatchObject({ trace: { error: { failure_type: type } } })
    expect(said).toContain(words)
    expect(said).not.toMatch(/private|secret-not|in the store’s words/)
  })
})

test('check puts a small object, and says what is wrong', async () => {
  const check = (more: JsonData = {}) => runProgram(destinationFiles, 'check', { config: configOf(more) })
  expect((await check()).messages).toMatchObject([{ connectionStatus: { status: 'SUCCEEDED' } }])
  expect([...store.objects.keys()]).toEqual(['exports/.traitline-check'])
  expect((await check({ bucket: 'ocean' })).said).toContain('Files cannot be put into bucket ocean')
})

describe('a file larger than one request may be', () => {
  const signal = new AbortController().signal
  const context = { signal, meter: { request() {}, retried() {}, throttled() {} } } as never
  const body = 'ABCDEFGHIJ'.repeat(2)
  const put = async (): Promise<void> => {
    const path = join(await tempDir(), 'file')
    await writeFile(path, body)
    const client = s3Client(configSchema.parse(configOf()), context)
    try {
      await putFile(client, { bucket: 'lake', key: 'large' }, path, context, 8)
    } finally {
      client.destroy()
    }
  }

  test('goes in parts, and is there once they are put together', async () => {
    await put()
    expect(objects()).toEqual({ large: body })
    expect(store.requests).toHaveLength(5)
  })

  test('leaves no parts behind when it fails', async () => {
    store.mishaps.push(null, null, { status: 403, code: 'AccessDenied' })
    await expect(put()).rejects.toThrow()
    expect([store.objects.size, store.uploads.size]).toEqual([0, 0])
  })
})
