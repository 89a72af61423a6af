#!/usr/bin/env node
/**
 * A destination that does what a test tells it: an Airbyte program in one file that imports nothing of ours.
 *
 * `--config` names a JSON file with `folder`; `script.json` in that folder says how to behave, and what was applied is
 * added to `applied.jsonl` there, a line a batch or, without `transactional`, a line a row.
 *
 * @typedef {object} Script
 * @property {boolean | null} [idempotent] What `discover` declares; null: it knows no `discover`.
 * @property {number} [batch] The batch size that it recommends.
 * @property {'detailed' | 'counts' | 'none'} [stats] What its acknowledgements say.
 * @property {string[]} [reject] Ids of rows that it rejects.
 * @property {string[]} [exists] Ids of rows that an insert finds there and skips.
 * @property {boolean} [transactional] Applies a batch as a whole.
 * @property {number} [dieAfterRecords] Exits when it has read so many.
 * @property {number} [dieBeforeAcknowledging] Applies the batch of this number in its life, and exits.
 * @property {number} [dieAtRandom] Chance to exit, before or after applying, at each batch.
 * @property {number} [seed] Of that chance, together with what was applied so far.
 * @property {'now' | 'at_end' | 'last' | 'never' | 'hang'} [acknowledges]
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const [operation, ...rest] = process.argv.slice(2)
const options = Object.fromEntries(
  rest.flatMap((word, index) => (word.startsWith('--') ? [[word.slice(2), rest[index + 1]]] : [])),
)
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`)
const json = (path) => JSON.parse(readFileSync(path, 'utf8'))

if (operation === 'spec') {
  const connectionSpecification = { type: 'object', required: ['folder'], properties: { folder: { type: 'string' } } }
  say({ type: 'SPEC', spec: { connectionSpecification } })
  process.exit(0)
}

const { folder } = json(options.config)
/** @type {Script} */
const script = json(join(folder, 'script.json'))
const appliedPath = join(folder, 'applied.jsonl')

if (operation === 'discover') {
  if (script.idempotent == null) process.exit(2)
  const declared = { idempotent: script.idempotent, recommended_batch_size: script.batch }
  say({ type: 'DESTINATION_CATALOG', destination_catalog: { operations: [], ...declared } })
  process.exit(0)
}

const streams = new Map(json(options.catalog).streams.map((stream) => [stream.stream.name, stream]))
const seen = new Set(
  existsSync(appliedPath)
    ? readFileSync(appliedPath, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).id)
    : [],
)
const chance = random((script.seed ?? 0) + seen.size * 7919)
let rows = []
let read = 0
let batches = 0
const held = []

/** Mulberry32, by Tommy Ettinger, who gave it to the public domain. */
function random(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

function keyOf({ stream, data }) {
  const [[field] = ['customer_id']] = streams.get(stream).primary_key ?? []
  return data[field] ?? data.customer_id
}

/** What is applied is on disk at once: that is what counts when the program is killed. */
function apply(id, applied) {
  if (script.idempotent === true && seen.has(id)) return
  seen.add(id)
  const lines = script.transactional === false ? applied.map((row) => [row]) : [applied]
  for (const some of lines) appendFileSync(appliedPath, `${JSON.stringify({ id, rows: some })}\n`)
}

function take(state) {
  batches++
  if (chance() < (script.dieAtRandom ?? 0) / 2) process.exit(1)
  const issues = { rejected: [], skipped: [] }
  const applied = []
  rows.forEach((row, ordinal) => {
    const { operation } = streams.get(row.stream)
    const key = keyOf(row)
    if (script.reject?.includes(key)) issues.rejected.push({ ordinal, code: 'REFUSED', message: 'not this one' })
    else if (operation === 'insert' && script.exists?.includes(key))
      issues.skipped.push({ ordinal, code: 'EXISTS', message: 'it is there' })
    else applied.push({ operation, key, data: row.data })
  })
  apply(state.stream.stream_state.id, applied)
  if (script.dieBeforeAcknowledging === batches) process.exit(1)
  if (chance() < (script.dieAtRandom ?? 0) / 2) process.exit(1)
  const counts = { recordCount: rows.length, rejectedRecordCount: issues.rejected.length }
  const stats = script.stats ?? 'detailed'
  const answer =
    stats === 'none' ? state : { ...state, destinationStats: stats === 'counts' ? counts : { ...counts, ...issues } }
  rows = []
  const acknowledges = script.acknowledges ?? 'now'
  if (acknowledges === 'now') say({ type: 'STATE', state: answer })
  else held.push(answer)
}

say({ type: 'LOG', log: { level: 'INFO', message: 'ready to write' } })
for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line)
  if (message.type === 'STATE') take(message.state)
  if (message.type !== 'RECORD') continue
  rows.push(message.record)
  if (++read === script.dieAfterRecords) process.exit(1)
}
if (script.acknowledges === 'at_end') for (const state of held) say({ type: 'STATE', state })
if (script.acknowledges === 'last' && held.length > 0) say({ type: 'STATE', state: held.at(-1) })
if (script.acknowledges === 'hang') setInterval(() => {}, 1_000)
