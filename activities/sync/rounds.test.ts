import { describe, expect, test } from 'vitest'
import type { SyncJournal } from '../../orchestrator/store/index.ts'
import { type Member, type World, syncWorld } from './activities.fixture.ts'

const scope = { environment: 'test', project: 'shop' }
const members = (...ids: string[]): Member[] => ids.map((id, index) => ({ id, value: 10 + index, tier: 'gold' }))
const keysApplied = async (world: World): Promise<string> => (await world.applied()).map(({ key }) => key).join('')
const statusOf = async (world: World) => (await world.run()).outcome?.assets[0]?.status

describe('append sends every row once for what there is to read', () => {
  test('a rejected row does not make it send the others again', async () => {
    const world = await syncWorld({ mode: 'append' })
    await world.script({ idempotent: true, reject: ['b'] })
    await world.source(members('a', 'b'))
    expect((await world.run()).summary).toBe('1 sent, 1 rejected')
    expect(await statusOf(world)).toBe('fresh')
    await world.script({ idempotent: true })
    await world.source(members('a', 'b'))
    expect((await world.run()).summary).toBe('2 sent')
    expect(await keysApplied(world)).toBe('aab')
  })

  test('after a failed run the next one goes on, and a batch without an answer keeps its id', async () => {
    const world = await syncWorld({ mode: 'append' })
    await world.script({ idempotent: true, batch: 2, dieBeforeAcknowledging: 2 })
    await world.source(members('a', 'b', 'c', 'd', 'e'))
    const failed = await world.run({ attempts: 1 })
    expect(failed.failure?.code).toBe('CONNECTOR_EXITED')
    await world.script({ idempotent: true, batch: 2 })
    const next = await world.run()
    expect(next).toMatchObject({ failure: null, summary: '5 sent' })
    expect(await keysApplied(world)).toBe('abcde')
    expect(await world.store.syncs.list(scope, world.syncKey, 9)).toMatchObject([
      { syncRun: failed.frozen.syncRun, run: failed.run, resumedBy: next.run, status: 'settled', accepted: 5 },
    ])
    expect(await statusOf(world)).toBe('fresh')
    expect(await world.spools()).toEqual([])
  })

  test('a row without an answer of a destination that knows no batch again is left out, and the rest follows', async () => {
    const world = await syncWorld({ mode: 'append' })
    await world.script({ idempotent: false, batch: 1, dieBeforeAcknowledging: 2 })
    await world.source(members('a', 'b', 'c'))
    await world.run({ attempts: 1 })
    await world.script({ idempotent: false, batch: 1 })
    expect((await world.run()).summary).toBe('2 sent, 1 unknown')
    expect(await keysApplied(world)).toBe('abc')
  })

  test('all was claimed when it failed: the next run sends nothing', async () => {
    const world = await syncWorld({ mode: 'append' })
    await world.script({ idempotent: false, batch: 1, dieBeforeAcknowledging: 2 })
    await world.source(members('a', 'b'))
    expect((await world.run()).failure?.code).toBe('CONNECTOR_EXITED')
    await world.script({ idempotent: false, batch: 1 })
    expect((await world.run()).summary).toBe('nothing to send, 1 still unknown from before')
    expect(await keysApplied(world)).toBe('ab')
  })

  test('killed between freezing and the journal: what is frozen is sent', async () => {
    let dies = true
    const world = await syncWorld({
      mode: 'append',
      journal: (journal: SyncJournal) => ({
        ...journal,
        begin: (input) => (dies ? Promise.reject(new Error('the worker dies here')) : journal.begin(input)),
      }),
    })
    await world.source(members('a', 'b'))
    expect((await world.run()).failure).not.toBeNull()
    dies = false
    expect((await world.run()).summary).toBe('2 sent')
    expect(await keysApplied(world)).toBe('ab')
  })

  test('what is new to read begins a new round, whatever the last one left; what is not sends nothing', async () => {
    const world = await syncWorld({ mode: 'append' })
    await world.script({ idempotent: true, batch: 1, dieBeforeAcknowledging: 2 })
    await world.source(members('a', 'b'))
    await world.run({ attempts: 1 })
    await world.script({ idempotent: true, batch: 1 })
    await world.source(members('a', 'c'))
    expect((await world.run()).summary).toBe('2 sent')
    expect(await keysApplied(world)).toBe('abac')
    world.define({ code: 'another program of the same kind' })
    expect((await world.run()).summary).toBe('nothing to send')
    expect((await world.run({ force: true })).summary).toBe('2 sent')
  })
})

describe('rows of unknown outcome', () => {
  test.each(['insert', 'append'] as const)(
    '%s: are told of in each run, and sent again when asked for',
    async (mode) => {
      const world = await syncWorld({ mode })
      await world.script({ idempotent: false, batch: 1, dieBeforeAcknowledging: 2 })
      await world.source(members('a', 'b', 'c'))
      await world.run({ attempts: 5 })
      const [made] = await world.store.assets.materializations(scope, world.syncKey, { limit: 1 })
      expect(made?.checks).toMatchObject([{ name: 'unknown_rows', severity: 'warn', passed: false, failures: 1 }])
      expect(made?.checks[0]?.message).toContain('traitline sync resend-unknown sync/to_crm')
      expect(await statusOf(world)).toBe('fresh')

      await world.script({ idempotent: false, batch: 1 })
      expect(await world.store.syncs.requestResend(scope, world.syncKey, 'audience/loyal')).toBe(1)
      expect((await world.run()).summary).toBe('1 sent')
      expect(await keysApplied(world)).toBe('abcb')
      expect(await world.delivered()).toEqual([`a ${mode}`, `b ${mode}`, `c ${mode}`])
      const [after] = await world.store.assets.materializations(scope, world.syncKey, { limit: 1 })
      expect(after?.checks).toMatchObject([{ name: 'unknown_rows', passed: true, failures: 0 }])
      expect(await statusOf(world)).toBe('fresh')
      expect(await world.store.syncs.requestResend(scope, world.syncKey, 'audience/loyal')).toBe(0)
    },
  )

  test('what was asked for survives a failed run, and is forgotten with a row that left', async () => {
    const world = await syncWorld({ mode: 'insert' })
    await world.script({ idempotent: false, batch: 1, dieBeforeAcknowledging: 2 })
    await world.source(members('a', 'b'))
    await world.run()
    expect(await world.store.syncs.requestResend(scope, world.syncKey, 'audience/loyal')).toBe(1)
    await world.script({ idempotent: false, batch: 1, dieAfterRecords: 1 })
    await world.source(members('a', 'c', 'b'))
    await world.run({ attempts: 1 })
    await world.script({ idempotent: false, batch: 1 })
    expect((await world.run()).summary).toContain('1 sent')
    expect(await world.delivered()).toEqual(['a insert', 'b unknown', 'c insert'])
    await world.store.syncs.requestResend(scope, world.syncKey, 'audience/loyal')
    await world.source(members('a', 'c'))
    expect((await world.run()).summary).toBe('nothing to send')
    expect(await world.delivered()).toEqual(['a insert', 'c insert'])
  })
})
