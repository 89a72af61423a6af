import { describe } from 'vitest'
import { specCases } from '../segment-spec/cases.fixture.ts'
import { destinationRudderstack } from './destination.ts'
import { limits } from './limits.fixture.ts'

describe('RudderStack', () => {
  specCases({ destination: destinationRudderstack, limits, config: (url) => ({ data_plane_url: url }) })
})
