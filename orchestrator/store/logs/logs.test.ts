import { expect, onTestFinished, test } from 'vitest'
import { freshStore, scope } from '../../../test/store/fresh-store.ts'
import { openDatabase } from '../database/database.ts'
import { StorePool } from '../database/pool.ts'
import type { Store } from '../index.ts'
import { createLogStore } from './logs.ts'

const lines = (...texts: string[]) =>
  texts.map((text, index) => ({ at: `2026-01-31T10:00:0${index}.000Z`, stream: 'stdout' as const, text }))

const append = (store: Store, step: string, ...texts: string[]) =>
  store.logs.append({ scope, run: 'r1', step, lines: lines(...texts) })

test('lines are numbered by step, and read in pages across the calls that brought them', async () => {
  const { store } = await freshStore()
  await append(store, 'dbt/shop', 'one', 'two', 'three')
  await append(store, 'notebook/churn', 'other')
  await append(store, 'dbt/shop')
  await append(store, 'dbt/shop', 'four')
  expect(await store.logs.read('r1', 'dbt/shop', { after: 0, limit: 2 })).toEqual([
    { number: 1, at: '2026-01-31T10:00:00.000Z', stream: 'stdout', text: 'one' },
    { number: 2, at: '2026-01-31T10:00:01.000Z', stream: 'stdout', text: 'two' },
  ])
  const rest = await store.logs.read('r1', 'dbt/shop', { after: 2, limit: 10 })
  expect(rest.map(({ number, text }) => `${number} ${text}`)).toEqual(['3 three', '4 four'])
  expect(await store.logs.read('r1', 'dbt/shop', { after: 4, limit: 10 })).toEqual([])
  expect(await store.logs.steps('r1')).toEqual(['dbt/shop', 'notebook/churn'])
  expect(await store.logs.steps('r2')).toEqual([])
})

test('the same call again adds nothing, and calls at once keep their own numbers', async () => {
  const { store } = await freshStore()
  await append(store, 's', 'one')
  await append(store, 's', 'one')
  await Promise.all(Array.from({ length: 20 }, (_, index) => append(store, 's', `a${index}`, `b${index}`)))
  const read = await store.logs.read('r1', 's', { after: 0, limit: 100 })
  expect(read.map(({ number }) => number)).toEqual(Array.from({ length: 41 }, (_, index) => index + 1))
  const texts = read.map(({ text }) => text)
  for (let index = 0; index < 20; index++) expect(texts[texts.indexOf(`a${index}`) + 1]).toBe(`b${index}`)
})

test('what programs print is kept as far as Postgres and people can take it', async () => {
  const { store } = await freshStore()
  await append(store, 's', 'bell\u0007 nul\0 half\ud83d', 'x'.repeat(100_000))
  const [odd, long] = await store.logs.read('r1', 's', { after: 0, limit: 10 })
  expect(odd!.text).toBe('bell\u0007 nul half\uFFFD')
  expect(long!.text).toMatch(/^x{16384} … \(100000 characters\)$/)
})

test('of a log that grows without end the beginning and the end are kept, and a line says what is missing', async () => {
  const { url } = await freshStore()
  const pool = new StorePool({ url, size: 4, applicationName: 'test' })
  onTestFinished(() => pool.end())
  const logs = createLogStore(openDatabase(pool), { firstBytes: 2_000, lastBytes: 4_000 })
  const at = '2026-01-31T10:00:00.000Z'
  const write = (from: number, count: number) =>
    logs.append({
      scope,
      run: 'r1',
      step: 's',
      lines: Array.from({ length: count }, (_, index) => ({ at, stream: 'stdout', text: `line ${from + index}` })),
    })
  for (let from = 1; from <= 1_000; from += 10) await write(from, 10)
  const read = await logs.read('r1', 's', { after: 0, limit: 2_000 })
  expect(read[0]).toMatchObject({ number: 1, text: 'line 1' })
  expect(read.at(-1)).toMatchObject({ number: 1_000, text: 'line 1000' })
  const gaps = read.filter(({ text }) => text.includes('left out'))
  expect(gaps).toHaveLength(1)
  const [gap] = gaps
  const before = read[read.indexOf(gap!) - 1]!
  expect(gap!.text).toContain(`${gap!.number - before.number} lines left out`)
  expect(read.length).toBeLessThan(200)
  // A reader that goes on from anywhere sees each line that is kept once, in order.
  const paged: number[] = []
  for (let after = 0; ;) {
    const page = await logs.read('r1', 's', { after, limit: 7 })
    if (page.length === 0) break
    paged.push(...page.map(({ number }) => number))
    after = page.at(-1)!.number
  }
  expect(paged).toEqual(read.map(({ number }) => number))
  expect(new Set(paged).size).toBe(paged.length)
})
