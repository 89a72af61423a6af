import { configuredStream } from '../../test/harness/destination.ts'
import { conforms } from '../conformance.fixture.ts'
import { signingSecret, startReceiver } from './stand-in.fixture.ts'

conforms('webhook', ['no address', 'a short secret', 'a batch of templated addresses'], async () => {
  const receiver = await startReceiver()
  const config = {
    ...{ url: `${receiver.url}/events`, signing_secret: signingSecret },
    ...{ rows_per_request: 50, requests_per_second: 1_000 },
  }
  return {
    config,
    badConfigs: {
      'no address': { ...config, url: null },
      'a short secret': { ...config, signing_secret: 'whsec_c2hvcnQ=' },
      'a batch of templated addresses': { ...config, url: `${receiver.url}/rows/{{ row.id }}` },
    },
    stream: configuredStream('people', ['id', 'text']),
    row: (n, text = '') => ({ id: `u${n}`, text }),
    written: () => Promise.resolve(receiver.taken.length),
    close: () => receiver.close(),
  }
})
