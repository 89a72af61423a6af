import { expect, test } from 'vitest'
import type { AssetKey } from '../../contract/index.ts'
import { diffOf, freshStore, manifestOf, scope } from '../../../test/store/fresh-store.ts'
import type { Store } from '../index.ts'

const deploy = (store: Store, keys: readonly AssetKey[], by: string | null = 'ana') =>
  store.revisions.deploy({
    scope,
    manifest: manifestOf(keys),
    manifestHash: `hash of ${keys.join()}`,
    diff: diffOf(keys),
    deployedBy: by,
  })

test('each change of a project is a revision, and the same project again is not', async () => {
  const { store } = await freshStore()
  expect(await store.revisions.latest(scope)).toBeNull()
  expect(await store.revisions.scopes()).toEqual([])

  const first = await deploy(store, ['trait/a'])
  expect(first).toMatchObject({ ...scope, number: 1, created: true, assetCount: 1, deployedBy: 'ana' })
  expect(await deploy(store, ['trait/a'], 'ben')).toEqual({ ...first, created: false })
  expect(await deploy(store, ['trait/a', 'trait/b'])).toMatchObject({ number: 2, created: true })
  // Back to what it was: a revision of its own, with the manifest that is there already.
  expect(await deploy(store, ['trait/a'])).toMatchObject({ number: 3, created: true })

  expect(await store.revisions.latest(scope)).toMatchObject({ number: 3, manifest: manifestOf(['trait/a']) })
  expect(await store.revisions.get(scope, 2)).toMatchObject({ diff: diffOf(['trait/a', 'trait/b']), assetCount: 2 })
  expect(await store.revisions.get(scope, 4)).toBeNull()
  expect((await store.revisions.list(scope, { limit: 2 })).map(({ number }) => number)).toEqual([3, 2])
  expect((await store.revisions.list(scope, { limit: 2, before: 2 })).map(({ number }) => number)).toEqual([1])
  expect(await store.revisions.scopes()).toEqual([scope])
  // A removed asset keeps its row, for its history.
  expect((await store.assets.statuses(scope)).map(({ asset }) => asset)).toEqual(['trait/a', 'trait/b'])
  const events = await store.events.after(0, { scope }, 10)
  expect(events.map(({ type, data }) => [type, data.revision])).toEqual([1, 2, 3].map((n) => ['revision_deployed', n]))
})

test('deployments at once become one revision each, or the same', async () => {
  const { store } = await freshStore()
  const names = ['a', 'b', 'a', 'b', 'c'] as const
  const results = await Promise.all(names.map((name) => deploy(store, [`trait/${name}`])))
  const numbers = results.filter(({ created }) => created).map(({ number }) => number)
  expect(numbers.sort()).toEqual(numbers.map((_, index) => index + 1))
  expect(numbers.length).toBeGreaterThanOrEqual(3)
  const other = { ...scope, project: 'other' }
  expect(await store.revisions.latest(other)).toBeNull()
})
