import { expect, test } from 'vitest'
import { warehouseNaming } from '../openlineage/index.ts'
import { openLineageConfig } from './openlineage-settings.ts'

test('the variables of OpenLineage’s clients are understood', () => {
  expect(openLineageConfig({})).toBeNull()
  expect(openLineageConfig({ OPENLINEAGE_URL: 'http://localhost:5000', OPENLINEAGE_DISABLED: 'true' })).toBeNull()
  expect(openLineageConfig({ OPENLINEAGE_URL: 'http://localhost:5000/' })).toEqual({
    transport: { type: 'http', url: 'http://localhost:5000/api/v1/lineage', apiKey: null },
    namespace: null,
  })
  expect(
    openLineageConfig({
      OPENLINEAGE__TRANSPORT__TYPE: 'http',
      OPENLINEAGE__TRANSPORT__URL: 'https://lineage.example.com/base',
      OPENLINEAGE_ENDPOINT: '/events',
      OPENLINEAGE__TRANSPORT__AUTH: '{"type": "api_key", "apiKey": "k"}',
      OPENLINEAGE_NAMESPACE: 'crm',
    }),
  ).toEqual({
    transport: { type: 'http', url: 'https://lineage.example.com/base/events', apiKey: 'k' },
    namespace: 'crm',
  })
  expect(
    openLineageConfig({
      OPENLINEAGE__TRANSPORT__TYPE: 'file',
      OPENLINEAGE__TRANSPORT__LOG_FILE_PATH: '/data/events.ndjson',
      OPENLINEAGE__TRANSPORT__APPEND: 'true',
    }),
  ).toMatchObject({ transport: { type: 'file', path: '/data/events.ndjson', append: true } })
})

test('what is wrong with them is told without what may be secret', () => {
  const wrong = (env: Record<string, string>) => () => openLineageConfig(env)
  expect(wrong({ OPENLINEAGE_URL: 'me:secret@host' })).toThrow('OPENLINEAGE_URL is no http or https address')
  expect(wrong({ OPENLINEAGE__TRANSPORT__TYPE: 'kafka' })).toThrow('OPENLINEAGE__TRANSPORT__TYPE is "kafka"')
  expect(wrong({ OPENLINEAGE__TRANSPORT__TYPE: 'file' })).toThrow('OPENLINEAGE__TRANSPORT__LOG_FILE_PATH names no file')
})

test('a warehouse is named without its user and password', () => {
  expect(warehouseNaming('duckdb:/data/shop.duckdb')).toEqual({
    warehouseNamespace: 'duckdb:///data/shop.duckdb',
    database: 'shop',
  })
  expect(warehouseNaming('postgres://me:secret@db.example.com/shop?sslmode=require')).toEqual({
    warehouseNamespace: 'postgres://db.example.com:5432',
    database: 'shop',
  })
})
