import type { SpecLimits } from '../segment-spec/stand-in.fixture.ts'

/** As Segment documents them. */
export const limits: SpecLimits = { messages: 2_500, bytes: 500_000, messageBytes: 32_000 }
