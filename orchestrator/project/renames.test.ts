import { expect, test } from 'vitest'
import { specOf } from '../../test/plan/world.ts'
import type { AssetKey, AssetSpec } from '../contract/index.ts'
import { diffManifests } from './diff.ts'
import { createProblems } from './problems.ts'
import { checkRenames } from './renames.ts'
import type { Manifest } from '../contract/index.ts'

const renamed = (key: AssetKey, formerly: string): AssetSpec => ({ ...specOf(key), formerly: formerly as AssetKey })

function problems(...specs: AssetSpec[]): string {
  const found = createProblems()
  checkRenames(specs, found)
  try {
    found.throwIfAny('p')
    return ''
  } catch (error) {
    return String(error)
  }
}

test.each([
  ['another kind', [renamed('trait/new', 'audience/old')], 'another kind'],
  ['no key', [renamed('trait/new', 'old')], 'no asset’s key'],
  ['itself', [renamed('trait/new', 'trait/new')], 'itself'],
  ['one that is there too', [renamed('trait/new', 'trait/old'), specOf('trait/old')], 'there too'],
  ['a chain', [renamed('trait/c', 'trait/b'), renamed('trait/b', 'trait/a')], 'there too'],
  ['one that two claim', [renamed('trait/b', 'trait/a'), renamed('trait/c', 'trait/a')], 'trait/b was trait/a too'],
] as const)('a rename from %s is refused', (_, specs, reason) => {
  expect(problems(...specs)).toContain(reason)
})

test('a rename is neither an asset more nor one less', () => {
  const manifest = (...assets: AssetSpec[]) =>
    ({ assets, entities: [], dbtProjects: [], destinations: [] }) as unknown as Manifest
  const diff = diffManifests(
    manifest(specOf('trait/old')),
    manifest(renamed('trait/new', 'trait/old'), specOf('trait/more')),
  )
  expect(diff).toMatchObject({
    renamed: [{ from: 'trait/old', to: 'trait/new' }],
    added: ['trait/more'],
    removed: [],
    changed: [],
  })
})
