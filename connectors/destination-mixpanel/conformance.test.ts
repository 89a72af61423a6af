import { configuredStream } from '../../test/harness/destination.ts'
import { conforms } from '../conformance.fixture.ts'
import { startMixpanel, token } from './stand-in.fixture.ts'

conforms('mixpanel', ['no project token', 'a region that is none'], async () => {
  const mixpanel = await startMixpanel()
  const config = { project_token: token, api_url: mixpanel.url, requests_per_second: 100_000 }
  return {
    config,
    badConfigs: {
      'no project token': { ...config, project_token: null },
      'a region that is none': { ...config, region: 'mars' },
    },
    stream: configuredStream('events', ['distinct_id', 'event', 'note']),
    row: (n, text = '') => ({ distinct_id: `u${n}`, event: 'Tried', note: text }),
    written: async () => mixpanel.events.size,
    close: () => mixpanel.close(),
  }
})
