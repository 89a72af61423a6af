import { test } from 'vitest'
import { killedAndResumed } from './story.ts'
import { backfillWorld } from './world.ts'

test('a backfill of 10,000 partitions, paused, its worker killed, resumed, killed again: each is made and recorded once', async () => {
  const world = await backfillWorld(10_000)
  await killedAndResumed(world, 10_000, { batchSize: 100, runs: 2 }, { withinMs: 600_000, twice: true })
}, 900_000)
