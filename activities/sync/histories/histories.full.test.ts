import { describe } from 'vitest'
import { histories } from './cases.fixture.ts'

describe.each([
  ['duckdb', 100],
  ['postgres', 100],
] as const)('on %s', histories)
