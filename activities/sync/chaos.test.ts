import { test } from 'vitest'
import { playHistories } from './chaos.fixture.ts'

test.each(['mirror', 'upsert'] as const)(
  'mode %s: after any history of changes and of programs that die, the destination holds what it should',
  (mode) => playHistories(mode, 2),
  180_000,
)
