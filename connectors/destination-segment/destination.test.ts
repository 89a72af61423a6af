import { describe, expect, test } from 'vitest'
import { specCases } from '../segment-spec/cases.fixture.ts'
import { configSchema } from './config.ts'
import { destinationSegment } from './destination.ts'
import { limits } from './limits.fixture.ts'

describe('Segment', () => {
  specCases({ destination: destinationSegment, limits, config: (url) => ({ api_url: url }) })
})

test('the region is the United States unless another is named', () => {
  expect(configSchema.parse({ write_key: 'k' })).toMatchObject({ region: 'us' })
  expect(configSchema.safeParse({ write_key: 'k', region: 'mars' }).success).toBe(false)
})
