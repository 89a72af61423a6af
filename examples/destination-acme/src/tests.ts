import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { PassThrough, Readable } from 'node:stream'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runDestination, type ConfiguredAirbyteStream, type JsonData } from 'traitline/connector'
import { conformanceCases, targetOf } from 'traitline/connector/conformance'
import { destinationAcme } from './destination.ts'
import { startAcme, type AcmeStandIn } from './stand-in.ts'

const api_key = 'key-of-the-tests'
let acme: AcmeStandIn
let config: JsonData

before(async () => {
  acme = await startAcme(api_key)
  config = { api_url: acme.url, api_key, requests_per_second: 1_000 }
})
after(() => acme.close())

void test('conforms to the Airbyte protocol, and to what the kit promises', async (t) => {
  const program = fileURLToPath(new URL('../bin/destination-acme', import.meta.url))
  const target = await targetOf({
    ...{ command: process.execPath, args: [program], config, kit: true },
    badConfigs: { 'a wrong key': { ...config, api_key: 'wrong' } },
    written: async () => acme.contacts.size,
  })
  for (const { name, run } of conformanceCases(target)) await t.test(name, run)
})

void test('a contact that Acme does not take is one rejected row; the others are written', async () => {
  const { code, stats } = await write('upsert', [
    { email: 'a@example.org' },
    { email: 'none' },
    { email: 'b@example.org' },
  ])
  assert.equal(code, 0)
  assert.deepEqual(
    stats?.rejected?.map(({ ordinal, code }) => [ordinal, code]),
    [[1, 'no_email']],
  )
  assert.ok(acme.contacts.has('a@example.org') && acme.contacts.has('b@example.org'))
})

void test('a delete takes the contact away', async () => {
  await write('delete', [{ email: 'a@example.org' }])
  assert.equal(acme.contacts.has('a@example.org'), false)
})

void test('is told to wait, and waits', async () => {
  acme.mishaps.push({ status: 429, headers: { 'retry-after': '1' } }, { status: 503 })
  const { code, stats } = await write('upsert', [{ email: 'c@example.org' }])
  assert.equal(code, 0)
  assert.deepEqual([stats?.recordCount, stats?.rejectedRecordCount, stats?.throttled], [1, 0, 1])
})

interface Stats extends JsonData {
  readonly rejected?: readonly { readonly ordinal: number; readonly code: string }[]
}

/** Runs `write` in this process with one batch of rows. */
async function write(
  operation: 'upsert' | 'delete',
  rows: readonly JsonData[],
): Promise<{ code: number; stats?: Stats }> {
  const stream: ConfiguredAirbyteStream = {
    stream: { name: 'contacts', json_schema: {}, supported_sync_modes: ['full_refresh'] },
    sync_mode: 'full_refresh',
    destination_sync_mode: operation === 'delete' ? 'soft_delete' : 'append_dedup',
    operation,
  }
  const folder = await mkdtemp(join(tmpdir(), 'acme-'))
  try {
    const files = { config, catalog: { streams: [stream] } }
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), JSON.stringify(content))
    const records = rows.map((data) => ({ type: 'RECORD', record: { stream: 'contacts', data, emitted_at: 1 } }))
    const state = { type: 'STREAM', stream: { stream_descriptor: { name: 'contacts' }, stream_state: { batch: 1 } } }
    const lines = [...records, { type: 'STATE', state }].map((message) => `${JSON.stringify(message)}\n`)
    const output = new PassThrough()
    const argv = ['write', '--config', join(folder, 'config'), '--catalog', join(folder, 'catalog')]
    const input = Readable.from(lines.map((line) => Buffer.from(line)))
    const code = await runDestination(destinationAcme, { argv, input, output, signal: new AbortController().signal })
    output.end()
    let text = ''
    output.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    await once(output, 'end')
    const said = text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Said]))
    return { code, stats: said.find(({ type }) => type === 'STATE')?.state?.destinationStats }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Said {
  readonly type: string
  readonly state?: { readonly destinationStats?: Stats }
}
