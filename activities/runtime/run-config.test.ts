import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AssetKey, JsonObject, Manifest, NotebookSpec } from '../../orchestrator/contract/index.ts'
import { checkRunConfig } from '../../orchestrator/contract/index.ts'
import { configuredManifest } from './run-config.ts'

const churn = {
  kind: 'notebook',
  key: 'notebook/churn',
  codeVersion: 'v1',
  parameters: { horizon: 30, model: 'forest', columns: ['a'], seed: null },
} as unknown as NotebookSpec
const tier = { kind: 'trait', key: 'trait/tier', codeVersion: 'v1' }
const manifest = { project: 'shop', assets: [churn, tier] } as unknown as Manifest
const versionOf = (made: Manifest): string => made.assets[0]?.codeVersion ?? ''
const given = fc.record<JsonObject>(
  {
    horizon: fc.integer({ min: 28, max: 32 }),
    model: fc.constantFrom('forest', 'boost'),
    columns: fc.array(fc.constantFrom('a', 'b')),
  },
  { requiredKeys: [] },
)

test('the version of a notebook is its definition’s if and only if its parameters are', () => {
  fc.assert(
    fc.property(given, (parameters) => {
      const made = configuredManifest(manifest, { 'notebook/churn': parameters })
      const merged = { ...churn.parameters, ...parameters }
      expect((made.assets[0] as NotebookSpec).parameters).toEqual(merged)
      expect(versionOf(made) === 'v1').toBe(JSON.stringify(merged) === JSON.stringify(churn.parameters))
      expect(made.assets[1]).toBe(tier)
    }),
  )
})

test('equal parameters give equal versions, others other ones', () => {
  const version = (parameters: JsonObject) => versionOf(configuredManifest(manifest, { 'notebook/churn': parameters }))
  fc.assert(
    fc.property(given, given, (one, other) => {
      const same = JSON.stringify({ ...churn.parameters, ...one }) === JSON.stringify({ ...churn.parameters, ...other })
      expect(version(one) === version(other)).toBe(same)
    }),
  )
})

test('without any, the manifest is the deployed one itself', () => {
  expect(configuredManifest(manifest, null)).toBe(manifest)
  expect(configuredManifest(manifest, { 'notebook/churn': {} })).toBe(manifest)
})

const targets: AssetKey[] = ['notebook/churn', 'trait/tier']

test('what a run may give is checked before anything is recorded', () => {
  const check =
    (config: Record<AssetKey, JsonObject>, made = targets) =>
    () =>
      checkRunConfig(config, manifest.assets, made)
  expect(check({ 'notebook/churn': { horizon: 60, seed: 7 } })).not.toThrow()
  expect(check({ 'notebook/churn': { horizn: 60 } })).toThrow(/has no parameter horizn/)
  expect(check({ 'notebook/churn': { horizon: '60' } })).toThrow(/horizon of notebook\/churn is a string/)
  expect(check({ 'notebook/churn': { columns: { a: 1 } } })).toThrow(/columns of notebook\/churn is an object/)
  expect(check({ 'trait/tier': { horizon: 60 } })).toThrow(/is a trait, which has no parameters/)
  expect(check({ 'notebook/chrun': { horizon: 60 } })).toThrow(/notebook\/chrun is not in the project/)
  expect(check({ 'notebook/churn': { horizon: 60 } }, ['trait/tier'])).toThrow(/the selection leaves .* out/)
  expect(check({ 'notebook/churn': JSON.parse('{"__proto__": 1}') as JsonObject })).toThrow(/no parameter __proto__/)
})

test('a worker keeps what was asked for lately, and not what every run asked for once', () => {
  const madeFor = (horizon: number) => configuredManifest(manifest, { 'notebook/churn': { horizon } })
  const first = madeFor(1)
  expect(madeFor(1)).toBe(first)
  for (let horizon = 2; horizon <= 8; horizon++) madeFor(horizon)
  expect(madeFor(1)).toBe(first)
  const second = madeFor(2)
  for (let horizon = 9; horizon <= 20; horizon++) madeFor(horizon)
  expect(madeFor(2)).not.toBe(second)
  expect(madeFor(2)).toEqual(second)
})
