import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tempDir } from '../../test/harness/temp.ts'
import { createTransport } from './index.ts'

const event = { eventType: 'START', eventTime: '2026-01-31T10:00:00.000Z', run: { runId: 'r' } }
const { signal } = new AbortController()

test('a file takes a line for each event, or there is a file for each', async () => {
  const folder = join(await tempDir(), 'lineage')
  const lines = createTransport({ type: 'file', path: join(folder, 'events'), append: true })
  expect([await lines(event, signal), await lines(event, signal)]).toEqual([
    { type: 'delivered' },
    { type: 'delivered' },
  ])
  expect(
    (await readFile(join(folder, 'events'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object),
  ).toEqual([event, event])
  const each = createTransport({ type: 'file', path: join(folder, 'event'), append: false })
  await each(event, signal)
  await each(event, signal)
  expect((await readdir(folder)).sort()).toEqual(['event-20260131T100000000Z-r-start.json', 'events'])
})

test('an endpoint that is not there is tried later', async () => {
  const send = createTransport({ type: 'http', url: 'http://127.0.0.1:9/', apiKey: 'secret' })
  expect(await send(event, signal)).toEqual({
    type: 'later',
    problem: 'the endpoint cannot be reached, or took too long',
  })
})
