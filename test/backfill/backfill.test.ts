import { test } from 'vitest'
import { killedAndResumed } from './story.ts'
import { backfillWorld } from './world.ts'

test('a backfill of 240 partitions, paused, its worker killed, resumed: each is made and recorded once', async () => {
  const world = await backfillWorld(240)
  await killedAndResumed(world, 240, { batchSize: 40, runs: 2 }, { withinMs: 60_000, twice: false })
}, 120_000)
