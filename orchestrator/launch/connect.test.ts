import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tempDir } from '../../test/harness/temp.ts'
import { temporalAddress } from '../../test/harness/temporal.ts'
import { freePort } from '../process/index.ts'
import { connectTemporal, temporalConfig } from './index.ts'

test('an unreachable server is named, with what to do', async () => {
  const address = `127.0.0.1:${await freePort()}`
  await expect(connectTemporal({ address })).rejects.toMatchObject({
    code: 'TEMPORAL_UNREACHABLE',
    message: expect.stringContaining(address) as string,
    hint: expect.stringContaining('TEMPORAL_ADDRESS') as string,
  })
})

test('an unknown namespace is named', async () => {
  await expect(connectTemporal({ address: temporalAddress(), namespace: 'nowhere' })).rejects.toMatchObject({
    code: 'TEMPORAL_NAMESPACE_UNKNOWN',
    message: expect.stringContaining('nowhere') as string,
  })
})

test('the standard variables and profiles say where the server is', async () => {
  const file = join(await tempDir(), 'temporal.toml')
  await writeFile(file, '[profile.prod]\naddress = "temporal.example:7233"\nnamespace = "shop"\n')
  const fromProfile = temporalConfig({ profile: 'prod', env: { TEMPORAL_CONFIG_FILE: file } })
  expect(fromProfile).toMatchObject({ address: 'temporal.example:7233', namespace: 'shop' })
  const overridden = temporalConfig({
    profile: 'prod',
    env: { TEMPORAL_CONFIG_FILE: file, TEMPORAL_NAMESPACE: 'other' },
  })
  expect(overridden).toMatchObject({ address: 'temporal.example:7233', namespace: 'other' })
  expect(() => temporalConfig({ profile: 'none', env: { TEMPORAL_CONFIG_FILE: file } })).toThrow(
    expect.objectContaining({ code: 'TEMPORAL_CONFIG_INVALID' }) as Error,
  )
  expect(temporalConfig({ address: 'localhost:1', env: { TEMPORAL_NAMESPACE: 'other' } })).toEqual({
    address: 'localhost:1',
    namespace: 'default',
    connectionOptions: { address: 'localhost:1' },
  })
})
