import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { DestinationSpec, SyncMode } from '../../orchestrator/contract/index.ts'
import type { SyncJournal } from '../../orchestrator/store/index.ts'
import { tempDir } from '../../test/harness/temp.ts'
import { type Member, type World, syncWorld } from './activities.fixture.ts'

interface LogRow {
  readonly customer_id: string
  readonly tier?: string | null
  readonly _operation?: string
  readonly _synced_at?: string
}

/** A sync to files of a folder, by the destination that comes with Traitline. */
async function lakeWorld(
  mode: SyncMode,
  journal: (journal: SyncJournal) => SyncJournal = (given) => given,
): Promise<{ world: World; log: () => Promise<LogRow[]> }> {
  const folder = await tempDir()
  const destination: DestinationSpec = {
    name: 'lake',
    connector: { type: 'builtin', name: 'files' },
    config: { folder },
    streams: [
      {
        name: 'customers',
        fields: [
          { name: 'customer_id', type: 'text', required: true },
          { name: 'lifetime_value', type: 'number', required: true },
          { name: 'tier', type: 'text', required: false },
        ],
        key: ['customer_id'],
        open: false,
        modes: ['upsert', 'mirror', 'insert', 'append'],
      },
    ],
    definedAt: null,
  }
  const world = await syncWorld({ mode, destination, journal })
  return {
    world,
    async log() {
      const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.jsonl'))
      const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
      return texts.flatMap((text) =>
        text
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as LogRow),
      )
    },
  }
}

const members = (tiers: Readonly<Record<string, string>>): Member[] =>
  Object.entries(tiers).map(([id, tier], index) => ({ id, value: index, tier }))

test('whoever applies a mirror’s log by time has the audience, row for row', async () => {
  const { world, log } = await lakeWorld('mirror')
  const history: Record<string, string>[] = [
    { a: 'gold', b: 'gold' },
    { a: 'gold', b: 'silver', c: 'gold' },
    { b: 'silver', c: 'gold' },
    { a: 'new', c: 'gold' },
  ]
  for (const tiers of history) {
    await world.source(members(tiers))
    expect(await world.run()).toMatchObject({ failure: null })
    const latest = new Map<string, LogRow>()
    const rows = (await log()).sort((x, y) => ((x._synced_at ?? '') < (y._synced_at ?? '') ? -1 : 1))
    for (const row of rows) {
      if (row._operation === 'delete') latest.delete(row.customer_id)
      else latest.set(row.customer_id, row)
    }
    expect(Object.fromEntries([...latest].sort().map(([id, { tier }]) => [id, tier]))).toEqual(tiers)
  }
})

test('a batch whose acknowledgement the journal did not get is sent again, and its rows are there once', async () => {
  let dies = true
  const { world, log } = await lakeWorld('append', (journal) => ({
    ...journal,
    acknowledge(input) {
      if (!dies) return journal.acknowledge(input)
      dies = false
      return Promise.reject(new Error('the worker dies here'))
    },
  }))
  await world.source(Array.from({ length: 25_000 }, (_, index) => ({ id: `u${index}`, value: index })))
  expect((await world.run()).failure).not.toBeNull()
  expect(await world.run()).toMatchObject({ failure: null })
  const ids = (await log()).map((row) => row.customer_id)
  expect([ids.length, new Set(ids).size]).toEqual([25_000, 25_000])
})
