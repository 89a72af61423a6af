import { expect, test } from 'vitest'
import type { AssetState, AssetStates, Failure, ModelSpec } from '../../orchestrator/contract/index.ts'
import { fatesOf } from './fates.ts'
import { decideGroup, testsOf } from './group.ts'
import { parseLogLine } from './log-line.ts'
import { dbtProfile } from './profiles.ts'
import type { NodeResult } from './results.ts'
import { dbtSelection } from './selection.ts'

function model(name: string, deps: readonly string[] = [], tests: ModelSpec['tests'] = []): ModelSpec {
  return {
    kind: 'model',
    key: `model/shop/${name}`,
    description: null,
    group: null,
    owners: [],
    tags: {},
    definedAt: null,
    deps: deps.map((dep) => (dep.includes('/') ? dep : `model/shop/${dep}`)) as ModelSpec['deps'],
    relation: { schema: 'dbt_shop', name },
    columns: [],
    codeVersion: 'c',
    dbtProject: 'shop',
    uniqueId: `model.shop.${name}`,
    materialized: 'table',
    path: `models/${name}.sql`,
    tests,
  }
}

function made(key: ModelSpec['key'], upstream: Record<string, string> = {}, failedChecks: string[] = []): AssetState {
  const latest = { codeVersion: 'c', dataVersion: `v-${key}`, upstream, warehouse: 'w', durationMs: 9, failedChecks }
  return { key, latest, lastAttempt: 'succeeded' }
}

const options = { warehouse: 'w', force: false }
const unfinished: Failure = { code: 'DBT_FAILED', message: 'no', hint: 'h', blame: 'user' }
const result = (status: string, message = ''): NodeResult => ({ status, message, failures: null, seconds: 1 })
const names = (specs: readonly ModelSpec[]): string[] => specs.map(({ key }) => key.slice('model/shop/'.length))

test('stale models are built with all that is downstream of them in the group, the others are fresh', () => {
  const models = [model('a', ['source/s']), model('b', ['a']), model('c', ['b']), model('other', ['source/s'])]
  const states: AssetStates = {
    'source/s': made('source/s'),
    'model/shop/a': made('model/shop/a', { 'source/s': 'v-source/s' }),
    'model/shop/b': { key: 'model/shop/b', latest: null, lastAttempt: 'none' },
    'model/shop/c': made('model/shop/c', { 'model/shop/b': 'v-model/shop/b' }),
    'model/shop/other': made('model/shop/other', { 'source/s': 'v-source/s' }),
  }
  const { build, settled } = decideGroup(models, states, options)
  expect(names(build)).toEqual(['b', 'c'])
  expect(settled.map(({ asset, status }) => [asset, status])).toEqual([
    ['model/shop/a', 'fresh'],
    ['model/shop/other', 'fresh'],
  ])
})

test('a model without what it reads fails, a blocked one is blocked, and so is what is downstream of either', () => {
  const models = [model('a', ['source/none']), model('b', ['a']), model('x', ['source/bad']), model('y', ['x'])]
  const { build, settled } = decideGroup(models, { 'source/bad': made('source/bad', {}, ['rows']) }, options)
  expect(build).toEqual([])
  expect(settled).toMatchObject([
    { asset: 'model/shop/a', status: 'failed', failure: { code: 'UPSTREAM_MISSING' } },
    { asset: 'model/shop/b', status: 'upstream_failed', upstream: 'model/shop/a' },
    { asset: 'model/shop/x', status: 'upstream_failed', upstream: 'source/bad' },
    { asset: 'model/shop/y', status: 'upstream_failed', upstream: 'source/bad' },
  ])
})

test('a test waits for the models that it reads', () => {
  const reads = ['model/shop/a', 'model/shop/later'] as const
  const build = [model('a', [], [{ name: 't', uniqueId: 'test.shop.t', severity: 'error', reads }])]
  expect(testsOf(build, {}, 'w')).toEqual([])
  expect(testsOf(build, { 'model/shop/later': made('model/shop/later') }, 'another')).toEqual([])
  expect(testsOf(build, { 'model/shop/later': made('model/shop/later') }, 'w')).toHaveLength(1)
  expect(testsOf([...build, model('later')], {}, 'w')).toHaveLength(1)
})

test('fates follow the results: built with checks, failed, or to blame on an upstream', () => {
  const test = { name: 'unique', uniqueId: 'test.shop.unique', severity: 'error', reads: [] } as const
  const models = [
    model('a', [], [test]),
    model('after_check', ['a']),
    model('b'),
    model('after_b', ['b']),
    model('after_after', ['after_b']),
    model('unheard'),
  ]
  const fates = fatesOf(
    models,
    new Map<string, NodeResult>([
      ['model.shop.a', result('success')],
      ['test.shop.unique', { ...result('fail', 'Got 2 results'), failures: 2 }],
      ['model.shop.after_check', result('skipped')],
      ['model.shop.b', result('error', "Conversion Error: Could not convert string 'ada' to INT32")],
      ['model.shop.after_b', result('skipped')],
      ['model.shop.after_after', result('skipped')],
    ]),
    unfinished,
  )
  expect(Object.fromEntries(fates)).toMatchObject({
    'model/shop/a': { type: 'built', checks: [{ name: 'unique', passed: false, failures: 2, severity: 'error' }] },
    'model/shop/after_check': { type: 'upstream_failed', upstream: 'model/shop/a' },
    'model/shop/b': { type: 'failed', failure: { code: 'DBT_MODEL_FAILED' } },
    'model/shop/after_b': { type: 'upstream_failed', upstream: 'model/shop/b' },
    'model/shop/after_after': { type: 'upstream_failed', upstream: 'model/shop/b' },
    'model/shop/unheard': { type: 'failed', failure: unfinished },
  })
  expect(JSON.stringify([...fates])).not.toContain('ada')
})

test('a test of severity error that stays below its threshold only warns', () => {
  const test = { name: 't', uniqueId: 'test.shop.t', severity: 'error', reads: [] } as const
  const results = new Map<string, NodeResult>([
    ['model.shop.a', result('success')],
    ['test.shop.t', { ...result('warn'), failures: 1 }],
  ])
  const fate = fatesOf([model('a', [], [test])], results, unfinished).get('model/shop/a')
  expect(fate).toMatchObject({ type: 'built', checks: [{ severity: 'warn', passed: false, failures: 1 }] })
})

test('selectors are exact: by package, file and type, tests by name', () => {
  const models = [{ uniqueId: 'model.shop.customers.v2', path: 'models/customers/customers_v2.sql' }]
  const tests = [{ uniqueId: 'test.shop.unique_customers_id.9f0c' }, { uniqueId: 'test.shop.it, really fits.a' }]
  expect(dbtSelection(models, tests)).toEqual([
    'package:shop,file:customers_v2.sql,resource_type:model',
    'package:shop,fqn:unique_customers_id,resource_type:test',
    'package:shop,fqn:it??really?fits,resource_type:test',
  ])
})

test('a password is in no file', () => {
  const { text, env } = dbtProfile(
    { dialect: 'postgres', url: 'postgres://ada:p%40ss@db.example:6543/shop?sslmode=require' },
    'dbt_shop',
  )
  expect(text).not.toContain('p@ss')
  expect(Object.values(env)).toEqual(['p@ss'])
  expect(JSON.parse(text)).toMatchObject({
    traitline: {
      outputs: {
        traitline: {
          host: 'db.example',
          port: 6543,
          user: 'ada',
          dbname: 'shop',
          sslmode: 'require',
          schema: 'dbt_shop',
        },
      },
    },
  })
})

test('a log line is read leniently', () => {
  const line = JSON.stringify({
    data: { node_info: { unique_id: 'model.shop.a', node_status: 'Success' } },
    info: { level: 'info', msg: '\u001b[32mOK\u001b[0m created' },
  })
  expect(parseLogLine(line)).toEqual({
    text: 'OK created',
    error: false,
    node: { uniqueId: 'model.shop.a', status: 'success' },
  })
  expect(parseLogLine('Traceback (most recent call last):')).toEqual({
    text: 'Traceback (most recent call last):',
    error: false,
    node: null,
  })
  expect(parseLogLine('{"info": 3')).toMatchObject({ text: '{"...": 3', node: null })
})
