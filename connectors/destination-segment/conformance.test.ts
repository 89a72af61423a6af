import { configuredStream } from '../../test/harness/destination.ts'
import { conforms } from '../conformance.fixture.ts'
import { startSpecStandIn, writeKey } from '../segment-spec/stand-in.fixture.ts'
import { limits } from './limits.fixture.ts'

conforms('segment', ['no write key', 'a rate of nothing'], async () => {
  const receiver = await startSpecStandIn(limits)
  const config = { write_key: writeKey, api_url: receiver.url, requests_per_second: 100_000 }
  return {
    config,
    badConfigs: {
      'no write key': { ...config, write_key: null },
      'a rate of nothing': { ...config, requests_per_second: 0 },
    },
    stream: configuredStream('track', ['userId', 'event', 'note']),
    row: (n, text = '') => ({ userId: `u${n}`, event: 'Tried', note: text }),
    written: async () => receiver.messages.size,
    close: () => receiver.close(),
  }
})
