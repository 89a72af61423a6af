import { expect, test } from 'vitest'
import { manifestOf, diffOf, eventsOf, freshStore, plannedRun, scope } from '../../../test/store/fresh-store.ts'
import type { LeaseRequest } from '../../contract/index.ts'

const environment = scope.environment

function request(id: string, pools: readonly string[], fields: Partial<LeaseRequest> = {}): LeaseRequest {
  return {
    environment,
    workflowId: id,
    execution: `${id}-1`,
    project: scope.project,
    run: 'r1',
    step: `trait/${id}`,
    pools,
    priority: 3,
    reclaim: false,
    ...fields,
  }
}

test('a slot goes to one at a time; what is given back goes to the next, who is told until it knows', async () => {
  const { store } = await freshStore()
  const { leases } = store
  await plannedRun(store, 'r1', ['trait/a', 'trait/b'])
  await leases.setLimit(environment, 'narrow', 1)
  const [a, b] = [request('a', ['narrow']), request('b', ['narrow'])]
  expect(await leases.acquire(a)).toEqual({ granted: true, untold: [] })
  expect(await leases.acquire(a)).toEqual({ granted: true, untold: [] })
  expect(await leases.acquire(b)).toEqual({ granted: false, untold: [] })
  expect(await leases.acquire(b)).toEqual({ granted: false, untold: [] })
  expect(await leases.use(environment)).toMatchObject({
    held: [{ workflowId: 'a', step: 'trait/a', pools: ['narrow'] }],
    waiting: [{ workflowId: 'b', full: ['narrow'], position: 1, grantedAt: null }],
  })

  const owner = { environment, workflowId: 'b', execution: 'b-1' }
  expect(await leases.release(a)).toEqual({ untold: [owner] })
  // Whoever was to tell it may have died.
  expect(await leases.release(a)).toEqual({ untold: [owner] })
  await leases.told(owner)
  expect(await leases.release(a)).toEqual({ untold: [] })
  expect(await leases.acquire(b)).toEqual({ granted: true, untold: [] })
  expect((await eventsOf(store, 'r1')).slice(-2)).toEqual(['lease_waiting trait/b', 'lease_granted trait/b'])
})

test('another execution of a workflow takes the place of the one before, whose lease is void', async () => {
  const { store } = await freshStore()
  await store.leases.setLimit(environment, 'narrow', 1)
  await store.leases.acquire(request('a', ['narrow']))
  expect(await store.leases.acquire(request('a', ['narrow'], { execution: 'a-2' }))).toMatchObject({ granted: true })
  await store.leases.release(request('a', ['narrow']))
  expect((await store.leases.use(environment)).held).toMatchObject([{ execution: 'a-2' }])
})

test('fifty at once on five slots: five have one, and each that ends lets one more in', async () => {
  const { store } = await freshStore()
  await store.leases.setLimit(environment, 'five', 5)
  const requests = Array.from({ length: 50 }, (_, at) => request(`w${at}`, ['five']))
  const answers = await Promise.all(requests.map((one) => store.leases.acquire(one)))
  expect(answers.filter(({ granted }) => granted)).toHaveLength(5)
  const held = new Set(requests.filter((_, at) => answers[at]?.granted).map(({ workflowId }) => workflowId))
  const served = new Set(held)
  while (held.size > 0) {
    const [next] = held
    held.delete(next as string)
    const { untold } = await store.leases.release(request(next as string, []))
    for (const owner of untold) {
      held.add(owner.workflowId)
      served.add(owner.workflowId)
      await store.leases.told(owner)
    }
    expect(held.size).toBeLessThanOrEqual(5)
  }
  expect(served.size).toBe(50)
  expect(await store.leases.use(environment)).toMatchObject({ held: [], waiting: [] })
})

test('an operator’s limit goes before a project’s, the lowest of several projects’ holds, and a raised one lets more in', async () => {
  const { store } = await freshStore()
  const { leases } = store
  for (const [project, slots] of [
    ['shop', 3],
    ['app', 2],
  ] as const) {
    const manifest = { ...manifestOf([]), project, pools: [{ pool: 'api', slots }] }
    const deployed = { scope: { environment, project }, manifest, manifestHash: project, diff: diffOf([]) }
    await store.revisions.deploy({ ...deployed, deployedBy: null })
  }
  const granted = async (): Promise<number> => (await leases.use(environment)).held.length
  for (const id of ['a', 'b', 'c', 'd']) await leases.acquire(request(id, ['api']))
  expect(await granted()).toBe(2)
  expect((await leases.setLimit(environment, 'api', 4)).untold).toHaveLength(2)
  expect(await granted()).toBe(4)
  await leases.setLimit(environment, 'api', null)
  await leases.release(request('a', []))
  expect(await leases.acquire(request('e', ['api']))).toMatchObject({ granted: false })
  expect((await leases.use(environment)).limits).toEqual([
    { pool: 'api', slots: 2, project: 'app' },
    { pool: 'api', slots: 3, project: 'shop' },
  ])
  expect(await leases.limited(environment, ['api', 'other'])).toEqual(new Set(['api']))
  await store.revisions.deploy({
    ...{ scope, manifest: manifestOf([]), manifestHash: 'none', diff: diffOf([]), deployedBy: null },
  })
  expect((await leases.use(environment)).limits).toHaveLength(1)
})
