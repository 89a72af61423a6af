import { configuredStream } from '../../test/harness/destination.ts'
import { conforms } from '../conformance.fixture.ts'
import { startCollector } from './stand-in.fixture.ts'

conforms('snowplow', ['no collector', 'an event without a schema'], async () => {
  const collector = await startCollector()
  const config = {
    ...{ collector_url: collector.url, requests_per_second: 1_000 },
    events: { people: 'iglu:com.acme/person/jsonschema/1-0-0' },
  }
  return {
    config,
    badConfigs: {
      'no collector': { ...config, collector_url: null },
      'an event without a schema': { ...config, events: { people: 'person' } },
    },
    stream: configuredStream('people', ['user_id', 'text']),
    row: (n, text = '') => ({ user_id: `u${n}`, text }),
    written: () => Promise.resolve(collector.events.size),
    close: () => collector.close(),
  }
})
