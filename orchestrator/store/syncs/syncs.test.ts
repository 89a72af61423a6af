import { Client } from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import type { AssetKey } from '../../contract/index.ts'
import { freshStore, scope, specOf } from '../../../test/store/fresh-store.ts'
import type { Store, SyncException } from '../index.ts'

const sync: AssetKey = 'sync/crm'
const planned = { desired: 10, added: 8, changed: 1, removed: 1, unchanged: 0, invalid: 0 }

async function syncStore(): Promise<{ store: Store; url: string }> {
  const opened = await freshStore()
  await opened.store.assets.register(scope, [specOf(sync)])
  return opened
}

/** The journal as one writer uses it. */
function writer(store: Store, syncRun: string, epoch: number) {
  const who = { scope, sync, syncRun, epoch }
  return {
    begin: (run = 'r1', batches = 3, warehouse = 'w1') =>
      store.syncs.begin({ ...who, run, warehouse, mode: 'mirror', batches, planned, target: 't1' }),
    intend: (batch: number, rows = 10) =>
      store.syncs.intend({
        ...who,
        batch: { batch, firstOrdinal: batch * rows + 1, lastOrdinal: (batch + 1) * rows, payloadHash: `hash ${batch}` },
      }),
    acknowledge: (
      batch: number,
      exceptions: readonly SyncException[] = [],
      state: 'acknowledged' | 'unknown' = 'acknowledged',
    ) => store.syncs.acknowledge({ ...who, batch, state, exceptions }),
    finish: (status: 'settled' | 'failed' | 'superseded') => store.syncs.finish({ ...who, status }),
  }
}

const exception = (ordinal: number, fate: SyncException['fate']): SyncException => ({
  ordinal,
  fate,
  code: 'BAD_ROW',
  message: 'not taken',
})

test('a sync is frozen, sent, acknowledged and settled, and its accounting balances', async () => {
  const { store } = await syncStore()
  const epoch = await store.syncs.acquireWriter(scope, sync, 'worker 1')
  const { begin, intend, acknowledge, finish } = writer(store, 's1', epoch)
  expect(await store.syncs.find(scope, 'r1', sync)).toBeNull()
  for (let call = 0; call < 2; call++) await begin()
  expect(await store.syncs.find(scope, 'r1', sync)).toMatchObject({ syncRun: 's1', status: 'frozen', planned, sent: 0 })

  for (let call = 0; call < 2; call++) await intend(0)
  await intend(1)
  expect(await store.syncs.find(scope, 'r1', sync)).toMatchObject({
    status: 'sending',
    sent: 20,
    accepted: 0,
    unknown: 0,
  })
  const exceptions = [exception(3, 'rejected'), exception(7, 'skipped'), exception(8, 'unknown')]
  for (let call = 0; call < 2; call++) await acknowledge(0, exceptions)
  await acknowledge(0, [exception(9, 'rejected')], 'unknown')
  await intend(2)
  await acknowledge(1, [exception(11, 'rejected'), exception(12, 'unknown')], 'unknown')
  expect(await store.syncs.batches('s1')).toEqual([
    { batch: 0, firstOrdinal: 1, lastOrdinal: 10, payloadHash: 'hash 0', state: 'acknowledged' },
    { batch: 1, firstOrdinal: 11, lastOrdinal: 20, payloadHash: 'hash 1', state: 'unknown' },
    { batch: 2, firstOrdinal: 21, lastOrdinal: 30, payloadHash: 'hash 2', state: 'intent' },
  ])
  expect(await store.syncs.exceptions('s1', { after: 0, limit: 2 })).toEqual(exceptions.slice(0, 2))
  expect((await store.syncs.exceptions('s1', { after: 7, limit: 9 })).map(({ ordinal }) => ordinal)).toEqual([
    8, 11, 12,
  ])

  expect((await store.syncs.unsettled(scope, sync, 'w1')).map(({ syncRun }) => syncRun)).toEqual(['s1'])
  const settled = await finish('settled')
  expect(settled).toMatchObject({ status: 'settled', endedAt: expect.any(String) as string })
  const { sent, accepted, skipped, rejected, unknown } = settled
  expect({ sent, accepted, skipped, rejected, unknown }).toEqual({
    sent: 30,
    accepted: 7,
    skipped: 1,
    rejected: 2,
    unknown: 20,
  })
  expect(accepted + skipped + rejected + unknown).toBe(sent)
  expect(await finish('failed')).toEqual(settled)
  expect(await store.syncs.unsettled(scope, sync, 'w1')).toEqual([])
  expect(await store.syncs.list(scope, sync, 10)).toEqual([settled])
})

test('a failed sync run waits to be settled by a later one', async () => {
  const { store } = await syncStore()
  const first = writer(store, 's1', await store.syncs.acquireWriter(scope, sync, 'a'))
  await first.begin('r1')
  await first.intend(0)
  await first.finish('failed')
  const epoch = await store.syncs.acquireWriter(scope, sync, 'b')
  await writer(store, 's2', epoch).begin('r2')
  expect((await store.syncs.unsettled(scope, sync, 'w1')).map(({ syncRun, status }) => [syncRun, status])).toEqual([
    ['s1', 'failed'],
    ['s2', 'frozen'],
  ])
  expect(await writer(store, 's1', epoch).finish('superseded')).toMatchObject({
    status: 'superseded',
    sent: 10,
    unknown: 10,
  })
  expect((await store.syncs.list(scope, sync, 10)).map(({ syncRun }) => syncRun)).toEqual(['s2', 's1'])
})

test('a sync run waits for the warehouse that froze it', async () => {
  const { store } = await syncStore()
  const epoch = await store.syncs.acquireWriter(scope, sync, 'a')
  await writer(store, 's1', epoch).begin('r1')
  await writer(store, 's2', epoch).begin('r2', 3, 'w2')
  const unsettled = async (warehouse: string) =>
    (await store.syncs.unsettled(scope, sync, warehouse)).map((row) => [row.syncRun, row.warehouse])
  expect(await unsettled('w2')).toEqual([
    ['s1', 'w1'],
    ['s2', 'w2'],
  ])
  await writer(store, 's1', epoch).finish('failed')
  expect(await unsettled('w2')).toEqual([['s2', 'w2']])
  await writer(store, 's2', epoch).finish('failed')
  expect(await unsettled('w1')).toEqual([['s1', 'w1']])
  await writer(store, 's1', epoch).finish('settled')
  expect(await unsettled('w1')).toEqual([])
})

test('a run has one sync run of a sync', async () => {
  const { store } = await syncStore()
  const epoch = await store.syncs.acquireWriter(scope, sync, 'a')
  await writer(store, 's1', epoch).begin('r1')
  await expect(writer(store, 's2', epoch).begin('r1')).rejects.toMatchObject({ code: 'SYNC_ALREADY_FROZEN' })
})

test('a writer that was overtaken can write nothing more', async () => {
  const { store } = await syncStore()
  const zombie = writer(store, 's1', await store.syncs.acquireWriter(scope, sync, 'zombie'))
  await zombie.begin()
  await zombie.intend(0)
  const epoch = await store.syncs.acquireWriter(scope, sync, 'heir')
  const fenced = { code: 'SYNC_FENCED', blame: 'system' }
  await expect(zombie.begin('r2')).rejects.toMatchObject(fenced)
  await expect(zombie.intend(1)).rejects.toMatchObject(fenced)
  await expect(zombie.acknowledge(0, [exception(1, 'rejected')])).rejects.toMatchObject(fenced)
  await expect(zombie.finish('settled')).rejects.toMatchObject(fenced)
  expect(await store.syncs.batches('s1')).toMatchObject([{ batch: 0, state: 'intent' }])
  expect(await store.syncs.exceptions('s1', { after: 0, limit: 10 })).toEqual([])
  const heir = writer(store, 's1', epoch)
  await heir.acknowledge(0)
  expect(await heir.finish('settled')).toMatchObject({ accepted: 10 })
})

test('a takeover under way fences a write that began before it ended', async () => {
  const { store, url } = await syncStore()
  const zombie = writer(store, 's1', await store.syncs.acquireWriter(scope, sync, 'zombie'))
  await zombie.begin()
  const client = new Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  await client.query('begin')
  await client.query('update traitline.sync_writer set epoch = epoch + 1')
  const write = zombie.intend(0).then(
    () => 'written',
    (error: { code: string }) => error.code,
  )
  await expect
    .poll(async () => (await client.query('select 1 from pg_locks where not granted')).rowCount)
    .toBeGreaterThan(0)
  await client.query('commit')
  expect(await write).toBe('SYNC_FENCED')
  expect(await store.syncs.batches('s1')).toEqual([])
})

test('epochs rise with each takeover, also with many at once', async () => {
  const { store } = await syncStore()
  const epochs = await Promise.all(
    Array.from({ length: 10 }, (_, n) => store.syncs.acquireWriter(scope, sync, `w${n}`)),
  )
  expect(epochs.sort((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, n) => n + 1))
  await expect(store.syncs.acquireWriter(scope, 'sync/none', 'w')).rejects.toMatchObject({ code: 'ASSET_UNKNOWN' })
})

test('an acknowledgement of a batch that never left is an error', async () => {
  const { store } = await syncStore()
  const journal = writer(store, 's1', await store.syncs.acquireWriter(scope, sync, 'a'))
  await journal.begin()
  await expect(journal.acknowledge(5)).rejects.toMatchObject({ code: 'SYNC_BATCH_UNKNOWN' })
  await expect(writer(store, 's9', 1).finish('failed')).rejects.toMatchObject({ code: 'SYNC_RUN_UNKNOWN' })
})

test('a run goes on with what a failed one left, and only the latest such run finds it', async () => {
  const { store } = await syncStore()
  const first = writer(store, 's1', await store.syncs.acquireWriter(scope, sync, 'a'))
  await first.begin('r1')
  await first.intend(0)
  await first.finish('failed')
  const epoch = await store.syncs.acquireWriter(scope, sync, 'b')
  await expect(store.syncs.resume({ scope, sync, run: 'r2', syncRun: 's1', epoch: epoch - 1 })).rejects.toMatchObject({
    code: 'SYNC_FENCED',
  })
  for (let call = 0; call < 2; call++) {
    expect(await store.syncs.resume({ scope, sync, run: 'r2', syncRun: 's1', epoch })).toMatchObject({
      run: 'r1',
      resumedBy: 'r2',
      status: 'sending',
      endedAt: null,
      unknown: 0,
    })
  }
  expect(await store.syncs.find(scope, 'r1', sync)).toBeNull()
  expect(await store.syncs.find(scope, 'r2', sync)).toMatchObject({ syncRun: 's1', target: 't1' })
  expect(await store.syncs.targets(scope)).toEqual({ [sync]: 't1' })
})

test('unknown rows are wished for once, and the sync run that fulfils it ends the wish', async () => {
  const { store } = await syncStore()
  expect(await store.syncs.requestResend(scope, sync, 'audience/a')).toBe(0)
  expect(await store.syncs.pendingResend(scope, sync)).toBeNull()
  const epoch = await store.syncs.acquireWriter(scope, sync, 'a')
  const { begin, intend, acknowledge, finish } = writer(store, 's1', epoch)
  await begin('r1')
  await intend(0)
  await acknowledge(0, [exception(1, 'unknown'), exception(2, 'unknown')])
  expect(await store.syncs.requestResend(scope, sync, 'audience/a')).toBe(0)
  await finish('settled')
  for (let call = 0; call < 2; call++) expect(await store.syncs.requestResend(scope, sync, 'audience/a')).toBe(2)
  const wish = await store.syncs.pendingResend(scope, sync)
  expect(wish).toMatchObject({ syncRuns: ['s1'] })
  const next = { scope, sync, run: 'r2', syncRun: 's2', epoch, warehouse: 'w1', mode: 'insert', batches: 0, planned }
  await store.syncs.begin({ ...next, target: 't1', resend: wish?.upTo ?? null })
  expect(await store.syncs.pendingResend(scope, sync)).toBeNull()
  expect(await store.syncs.requestResend(scope, sync, 'audience/a')).toBe(0)
  await expect(store.syncs.requestResend(scope, 'sync/none', 'audience/a')).rejects.toMatchObject({
    code: 'ASSET_UNKNOWN',
  })
})
