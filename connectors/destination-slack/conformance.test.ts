import { configuredStream } from '../../test/harness/destination.ts'
import { startSlackStandIn } from '../../test/stand-ins/slack.ts'
import { conforms } from '../conformance.fixture.ts'

conforms('slack', ['no token', 'a rate of nothing'], async () => {
  const slack = await startSlackStandIn()
  const config = { token: 'xoxb-1', api_url: slack.url, messages_per_second: 1_000 }
  return {
    config,
    badConfigs: {
      'no token': { ...config, token: null },
      'a rate of nothing': { ...config, messages_per_second: 0 },
    },
    stream: configuredStream('#people', ['text']),
    row: (n, text = '') => ({ text: `message ${n} ${text}` }),
    written: async () => slack.taken.length,
    close: () => slack.close(),
  }
})
