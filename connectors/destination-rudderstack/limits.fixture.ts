import type { SpecLimits } from '../segment-spec/stand-in.fixture.ts'

/** As RudderStack documents them; it names no number of messages, so ours is the bound. */
export const limits: SpecLimits = { messages: 2_500, bytes: 4_000_000, messageBytes: 32_000 }
