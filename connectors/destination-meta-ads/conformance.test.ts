import { configuredStream } from '../../test/harness/destination.ts'
import { conforms } from '../conformance.fixture.ts'
import { audience, startMeta, token } from './stand-in.fixture.ts'

conforms('meta-ads', ['no token', 'another account'], async () => {
  const meta = await startMeta()
  const config = { access_token: token, ad_account_id: '1', api_url: meta.url, requests_per_second: 1_000 }
  return {
    config,
    badConfigs: { 'no token': { ...config, access_token: null }, 'another account': { ...config, ad_account_id: '9' } },
    stream: configuredStream('people', ['external_id', 'first_name'], {
      ...{ destination_object_name: audience, operation: 'add', destination_sync_mode: 'append_dedup' },
    }),
    row: (n, text = '') => ({ external_id: `u${n}`, first_name: text.slice(0, 50) }),
    written: () => Promise.resolve(meta.members.size),
    close: () => meta.close(),
  }
})
