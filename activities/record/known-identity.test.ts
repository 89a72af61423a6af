import { expect, test } from 'vitest'
import { knownIdentity } from './known-identity.ts'

test('asks each time, and falls back to what it knew while nobody answers', async () => {
  let answer: () => Promise<string> = () => Promise.resolve('first')
  const identity = knownIdentity(() => answer(), 20)
  expect(await identity()).toBe('first')
  answer = () => Promise.resolve('second')
  expect(await identity()).toBe('second')
  answer = () => new Promise(() => undefined)
  expect(await identity()).toBe('second')
  answer = () => Promise.reject(new Error('down'))
  await expect(identity()).rejects.toThrow('down')
})
