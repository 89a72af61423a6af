import { expect, test } from 'vitest'
import { childEnvironment, connectorEnvironment } from './child-environment.ts'

const env = {
  PATH: '/bin',
  HOME: '/home/ada',
  https_proxy: 'http://proxy.example',
  MY_DBT_VARIABLE: 'x',
  SLACK_BOT_TOKEN: 'secret',
  DATABASE_URL: 'postgres://secret',
  TRAITLINE_API_TOKEN: 'secret',
  TEMPORAL_API_KEY: 'secret',
  UNSET: undefined,
}

test('dbt and notebooks see what the user set, but not what lets one into Traitline’s own servers', () => {
  expect(Object.keys(childEnvironment(env)).sort()).toEqual([
    'HOME',
    'MY_DBT_VARIABLE',
    'PATH',
    'SLACK_BOT_TOKEN',
    'https_proxy',
  ])
})

test('a connector sees what a program needs, and nobody’s secrets', () => {
  expect(Object.keys(connectorEnvironment(env)).sort()).toEqual(['HOME', 'PATH', 'https_proxy'])
})
