import { expect, test } from 'vitest'
import { freshStore, scope } from '../../../test/store/fresh-store.ts'
import type { Store } from '../index.ts'

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
