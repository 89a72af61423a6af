import { configuredStream } from '../../test/harness/destination.ts'
import { conforms } from '../conformance.fixture.ts'
import { clientSecret, startSalesforce } from './stand-in.fixture.ts'

conforms('salesforce', ['no consumer secret', 'a domain that is no URL'], async () => {
  const salesforce = await startSalesforce()
  const config = {
    domain_url: salesforce.url,
    client_id: 'app',
    client_secret: clientSecret,
    requests_per_second: 100_000,
  }
  return {
    config,
    badConfigs: {
      'no consumer secret': { ...config, client_secret: null },
      'a domain that is no URL': { ...config, domain_url: 'acme' },
    },
    stream: configuredStream('Contact', ['External_Id__c', 'LastName', 'Description']),
    row: (n, text = '') => ({ External_Id__c: `c${n}`, LastName: 'Tried', Description: text }),
    written: async () => salesforce.records.size,
    close: () => salesforce.close(),
  }
})
