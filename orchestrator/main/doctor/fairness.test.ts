import { expect, test } from 'vitest'
import { temporalAddress } from '../../../test/harness/temporal.ts'
import { connectTemporal } from '../../launch/index.ts'
import { probeFairness } from './fairness.ts'

test('a server that is fair between keys is told by how it behaves, and nothing is left running', async () => {
  const temporal = await connectTemporal({ address: temporalAddress() })
  try {
    expect(await probeFairness(temporal.client)).toBe(true)
  } finally {
    await temporal.close()
  }
})
