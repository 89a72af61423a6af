import { test } from 'vitest'
import { convergingModes, playHistories } from './chaos.fixture.ts'

test.each(convergingModes)(
  'mode %s: after any history of changes and of programs that die, the destination holds what it should',
  (mode) => playHistories(mode, 12),
  900_000,
)
