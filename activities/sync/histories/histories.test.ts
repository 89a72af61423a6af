import { describe } from 'vitest'
import { histories } from './cases.fixture.ts'

describe.each([
  ['duckdb', 4],
  ['postgres', 4],
] as const)('on %s', histories)
