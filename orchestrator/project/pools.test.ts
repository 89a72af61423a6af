import { expect, test } from 'vitest'
import { tempDir } from '../../test/harness/temp.ts'
import { audience, entity, env, perEnvironment, postgres, project, source, sql, sync, trait } from '../define/index.ts'
import type { AssetOptions, Project } from '../define/index.ts'
import { compileProject, diffManifests } from './index.ts'

const people = source('people', { table: 'raw.people', columns: { id: 'text' } })
const person = entity('person', { key: 'id', population: people })
const from = sql`select id, true as value from ${people}`

const ok = (options: AssetOptions = {}) => trait.boolean('ok', { of: person, from, ...options })

async function compile(definitions: Project, environment?: string) {
  return (
    await compileProject({
      ...{ dir: await tempDir(), definitions, dbt: () => Promise.reject(new Error('no dbt')) },
      ...(environment !== undefined && { environment }),
    })
  ).manifest
}

async function problemsOf(definitions: Project, environment?: string): Promise<string[]> {
  const error: unknown = await compile(definitions, environment).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'PROJECT_INVALID' })
  return (error as Error).message
    .split('\n')
    .slice(1)
    .map((line) => line.trim().replaceAll(/[^ (]*pools\.test\.ts:\d+/g, 'here'))
}

const crm = (concurrency?: number) =>
  postgres('crm', {
    url: perEnvironment({ dev: 'postgres://localhost/crm', prod: env('CRM_URL') }),
    schema: perEnvironment({ prod: 'public', default: 'sandbox' }),
    tables: { people: { key: 'id', columns: { id: 'text' } } },
    ...(concurrency !== undefined && { concurrency }),
  })

function toCrm(concurrency?: number) {
  const members = audience('members', { of: person, where: ok().isTrue() })
  return sync('to_crm', {
    from: members,
    to: crm(concurrency).table('people'),
    mode: 'upsert',
    map: { id: person.key },
  })
}

test('a project’s limits become pools, those of its destinations and runs under its own name', async () => {
  const manifest = await compile(
    project('shop', {
      assets: [toCrm(2)],
      pools: { api: 3, warehouse: perEnvironment({ prod: 8, default: 1 }) },
      runQueue: {
        limit: 10,
        tags: [
          { key: 'team', value: 'x', limit: 2 },
          { key: 'team', limit: 1 },
        ],
      },
    }),
  )
  expect(manifest.pools).toEqual([
    { pool: 'api', slots: 3 },
    { pool: 'shop/destination/crm', slots: 2 },
    { pool: 'shop/runs', slots: 10 },
    { pool: 'shop/runs/team=*', slots: 1 },
    { pool: 'shop/runs/team=x', slots: 2 },
    { pool: 'warehouse/*', slots: 1 },
  ])
  const before = await compile(project('shop', { assets: [toCrm()], pools: { api: 1 } }))
  expect(diffManifests(before, manifest).settings).toContain('pool api: 1 -> 3')
})

test('an asset carries its pools and its retries with the usual delays; what runs is still the same code', async () => {
  const plain = await compile(project('shop', { assets: [ok()] }))
  const asked = await compile(
    project('shop', { assets: [ok({ pools: ['api'], retry: { attempts: 5, jitter: 0.1 } })], pools: { api: 1 } }),
  )
  expect(plain.pools).toBeUndefined()
  expect(asked.assets.at(-1)).toMatchObject({
    pools: ['api'],
    retry: { attempts: 5, delaySeconds: 2, backoff: 2, jitter: 0.1, on: 'system' },
    codeVersion: plain.assets.at(-1)?.codeVersion,
  })
})

test('what cannot be is told with its place and its fix', async () => {
  expect(await problemsOf(project('shop', { assets: [ok({ pools: ['apj'] })], pools: { api: 1 } }))).toEqual([
    'trait/ok (here): the project has no pool apj, only api. Add it to the project: pools: { apj: 4 }.',
  ])
  expect(() => ok({ retry: { attempts: 0, jitter: 2 } })).toThrow(
    expect.objectContaining({
      message: [
        'trait/ok: its option retry.attempts is a number, not a whole number from 1 to 1000',
        'trait/ok: its option retry.jitter is a number, not a number from 0 to 1',
      ].join('\n'),
    }),
  )
  expect(
    await problemsOf(
      project('shop', {
        assets: [ok()],
        pools: { runs: 1 },
        runQueue: {
          tags: [
            { key: 'team', limit: 1 },
            { key: 'team', limit: 2 },
            { key: 'a b', limit: 1 },
          ],
        },
      }),
    ),
  ).toEqual([
    'project shop (here): its pool "runs" has a name that is not for pools. Limit runs with runQueue.',
    'project shop (here): runQueue limits the tag team twice. Keep one.',
    expect.stringContaining('runQueue limits the tag "a b", which no run can have') as string,
  ])
})

test('a manifest holds the values of its own environment alone', async () => {
  const shop = project('shop', { assets: [toCrm()], schema: perEnvironment({ prod: 'traits', default: 'traits_dev' }) })
  const [dev, prod] = [await compile(shop, 'dev'), await compile(shop, 'prod')]
  expect(dev.destinations[0]?.config).toEqual({ url: 'postgres://localhost/crm', schema: 'sandbox' })
  expect(prod.destinations[0]?.config).toEqual({ url: { $env: 'CRM_URL' }, schema: 'public' })
  expect([dev.schema, prod.schema]).toEqual(['traits_dev', 'traits'])
  expect(prod.assets.find(({ kind }) => kind === 'trait')?.relation).toEqual({ schema: 'traits', name: 'trait_ok' })
  expect(await problemsOf(shop, 'staging')).toEqual([
    'destination crm (here): one of its values is there for dev and prod, not for the environment staging. ' +
      'Add staging, or default, to that perEnvironment.',
  ])
})
