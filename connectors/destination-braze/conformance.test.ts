import { configuredStream } from '../../test/harness/destination.ts'
import { conforms } from '../conformance.fixture.ts'
import { apiKey, startBraze } from './stand-in.fixture.ts'

conforms('braze', ['no API key', 'an endpoint that is no URL'], async () => {
  const braze = await startBraze()
  const config = { api_key: apiKey, endpoint: braze.url, requests_per_second: 100_000 }
  return {
    config,
    badConfigs: {
      'no API key': { ...config, api_key: null },
      'an endpoint that is no URL': { ...config, endpoint: 'iad-01' },
    },
    stream: configuredStream('events', ['external_id', 'name', 'note']),
    row: (n, text = '') => ({ external_id: `u${n}`, name: 'Tried', note: text }),
    written: async () => braze.events.length,
    close: () => braze.close(),
  }
})
