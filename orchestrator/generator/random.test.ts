import { expect, test } from 'vitest'
import { Random } from './random.ts'

const draws = 20_000

function sample(draw: (random: Random) => number): { mean: number; variance: number } {
  const random = new Random('moments')
  const values = Array.from({ length: draws }, () => draw(random))
  const mean = values.reduce((sum, value) => sum + value, 0) / draws
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws }
}

test.each([
  ['uniform', (random: Random) => random.uniform(), 1 / 2, 1 / 12],
  ['exponential', (random: Random) => random.exponential(2), 1 / 2, 1 / 4],
  ['normal', (random: Random) => random.normal(), 0, 1],
  ['gamma', (random: Random) => random.gamma(3, 2), 3 / 2, 3 / 4],
  ['gamma below one', (random: Random) => random.gamma(0.25, 0.5), 1 / 2, 1],
  ['beta', (random: Random) => random.beta(0.8, 2.4), 1 / 4, 3 / 16 / 4.2],
  ['poisson', (random: Random) => random.poisson(3), 3, 3],
])('%s has the mean and variance of its distribution', (_, draw, mean, variance) => {
  const seen = sample(draw)
  expect(Math.abs(seen.mean - mean)).toBeLessThan(5 * Math.sqrt(variance / draws))
  expect(Math.abs(seen.variance / variance - 1)).toBeLessThan(0.15)
})

test('streams of different parts have nothing in common, and the same parts give the same stream', () => {
  const first = (...parts: (string | number)[]): number[] => {
    const random = new Random(...parts)
    return Array.from({ length: 4 }, () => random.uint32())
  }
  expect(first(1, 'customer', '00001')).toEqual(first(1, 'customer', '00001'))
  const streams = Array.from({ length: 2_000 }, (_, number) => first(1, 'customer', String(number)).join())
  expect(new Set(streams).size).toBe(2_000)
  expect(first(1, '23')).not.toEqual(first(12, '3'))
})

test('numbers in a range reach both ends, and ids look like random UUIDs', () => {
  const random = new Random(5)
  expect(new Set(Array.from({ length: 200 }, () => random.between(3, 6)))).toEqual(new Set([3, 4, 5, 6]))
  const ids = Array.from({ length: 1_000 }, () => random.uuid())
  expect(new Set(ids).size).toBe(1_000)
  expect(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(true)
})
