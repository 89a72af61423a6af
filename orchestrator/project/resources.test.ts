import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tempDir } from '../../test/harness/temp.ts'
import type { CheckContext } from '../define/index.ts'
import { missingVariables } from '../contract/index.ts'
import { compileProject, loadProject, loadUserFunction, userResources } from './index.ts'

const noDbt = () => Promise.reject(new Error('no dbt project here'))
const secretValue = 's3cr3t-of-billing'

const definitions = `import { perEnvironment, resource, secret, env, z } from 'traitline'
export const billing = resource('billing', {
  description: 'Invoices.',
  schema: z.object({ url: z.url(), retries: z.coerce.number().int(), auth: z.object({ key: z.string().min(12) }) }),
  value: {
    url: perEnvironment({ prod: 'https://billing.example.com', default: 'http://localhost:9000' }),
    retries: env('BILLING_RETRIES', '3'),
    auth: { key: secret('BILLING_KEY') },
  },
})
`
const check = `import { billing } from '../resources.ts'
export const adds = async ({ use }) => {
  const { url, retries, auth } = await use(billing)
  return { passed: url.startsWith('http') && auth.key.length > 3, value: retries }
}
`
const notebook = JSON.stringify({
  ...{ nbformat: 4, nbformat_minor: 5, cells: [] },
  metadata: { kernelspec: { name: 'python3', display_name: 'Python 3', language: 'python' } },
})
const project = (more = '') => `import { check, entity, env, notebook, project, source } from 'traitline'
import { billing } from './resources.ts'
const people = source('people', {
  table: 'raw.people', columns: { id: 'text' },
  checks: [check.typescript('adds', { module: 'checks/mine.ts', export: 'adds', resources: [billing] })],
})
const person = entity('person', { key: 'id', population: people })
const scores = notebook('scores', {
  path: 'scores.ipynb', of: person, inputs: { people }, output: { score: 'number' }, resources: { api: billing }, ${more}
})
export default project('p', { assets: [people, scores] })
`

async function folder(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const dir = await tempDir()
  await mkdir(join(dir, 'checks'))
  const all = {
    'resources.ts': definitions,
    'checks/mine.ts': check,
    'scores.ipynb': notebook,
    'traitline.ts': project(),
  }
  for (const [name, text] of Object.entries({ ...all, ...files })) await writeFile(join(dir, name), text)
  return dir
}

const compile = async (dir: string, environment = 'dev') =>
  compileProject({ dir, definitions: await loadProject(dir), dbt: noDbt, environment })

const problems = async (dir: string, environment?: string): Promise<string> =>
  compile(dir, environment).then(
    () => '',
    (error: unknown) => (error as Error).message,
  )

const made = (dir: string, variables: Readonly<Record<string, string>> = { BILLING_KEY: secretValue }) =>
  userResources({ projectDir: () => dir, variable: (name) => variables[name] })

test('a manifest tells names of a resource and who uses it: no value, and no code version that depends on one', async () => {
  const dir = await folder()
  const [dev, prod] = [await compile(dir, 'dev'), await compile(dir, 'prod')]
  expect(dev.manifest.resources).toEqual([
    {
      name: 'billing',
      description: 'Invoices.',
      fields: ['auth', 'retries', 'url'],
      variables: [
        { variable: 'BILLING_RETRIES', field: 'retries', required: false },
        { variable: 'BILLING_KEY', field: 'auth.key', required: true },
      ],
      definedAt: { file: 'resources.ts', line: 2 },
    },
  ])
  expect(JSON.stringify([dev.manifest, prod.manifest])).not.toMatch(/localhost|example\.com/)
  const versions = ({ manifest }: typeof dev) => manifest.assets.map(({ key, codeVersion }) => [key, codeVersion])
  expect(versions(prod)).toEqual(versions(dev))
  expect(dev.manifest.assets.find(({ key }) => key === 'notebook/scores')).toMatchObject({
    resources: { api: 'billing' },
  })
  expect(dev.manifest.assets[0]?.checks?.[0]?.test).toMatchObject({ resources: ['billing'] })
  const missing = missingVariables(dev.manifest, () => false)
  expect(missing).toEqual([{ owner: 'resource billing', variable: 'BILLING_KEY' }])

  await writeFile(join(dir, 'resources.ts'), definitions.replace('localhost:9000', 'localhost:9001'))
  expect(versions(await compile(dir, 'dev'))).toEqual(versions(dev))
})

test('code gets what the schema makes of it in its environment', async () => {
  const dir = await folder()
  const { manifest } = await compile(dir)
  const each = manifest.assets[0]?.checks?.[0]?.test
  if (each?.type !== 'typescript') throw new Error('it is a check in TypeScript')
  const adds = (await loadUserFunction(dir, each.code)) as unknown as (context: Pick<CheckContext, 'use'>) => unknown
  const asked: unknown[] = []
  const scope = { environment: 'prod', project: 'p' }
  const use = (async (resource: unknown) => {
    const { value } = await made(dir).make(scope, resource)
    asked.push(value)
    return value
  }) as CheckContext['use']
  expect(await adds({ use })).toEqual({ passed: true, value: 3 })
  expect(asked).toEqual([{ url: 'https://billing.example.com', retries: 3, auth: { key: secretValue } }])

  const found = await made(dir).find(scope, manifest.resources![0]!)
  expect(found).toMatchObject({ value: { retries: 3 }, secrets: [secretValue] })
  await writeFile(join(dir, 'resources.ts'), definitions.replace('BILLING_KEY', 'OTHER_KEY'))
  await expect(made(dir).find(scope, manifest.resources![0]!)).rejects.toMatchObject({ code: 'RESOURCE_CHANGED' })
})

test('what is wrong is told by resource, field, environment and fix, without a value', async () => {
  const dir = await folder()
  const [spec] = (await compile(dir)).manifest.resources!
  const scope = { environment: 'staging', project: 'p' }
  await expect(made(dir, {}).find(scope, spec!)).rejects.toMatchObject({
    code: 'SECRET_MISSING',
    message: 'resource billing of the environment staging lacks BILLING_KEY for its auth.key',
    hint: 'Set BILLING_KEY where the worker starts.',
  })
  const wrong = made(dir, { BILLING_KEY: 'canary', BILLING_RETRIES: 'canary-too' }).find(scope, spec!)
  await expect(wrong).rejects.toMatchObject({
    code: 'RESOURCE_INVALID',
    message: expect.stringMatching(
      /^resource billing of the environment staging is not what its schema says: retries \(from BILLING_RETRIES\): .*; auth\.key \(from BILLING_KEY\): /,
    ) as string,
    hint: 'Set BILLING_RETRIES, BILLING_KEY to what the schema asks for, where the worker starts.',
  })
  expect(await wrong.catch((error: unknown) => JSON.stringify([error, String(error)]))).not.toMatch(/canary|-too/)
})

test('what is written out is judged when the project is compiled', async () => {
  const dir = await folder({ 'resources.ts': definitions.replace("'http://localhost:9000'", "'nowhere'") })
  expect(await problems(dir)).toMatch(/resource billing \(resources\.ts:2\)?.*its url: Invalid URL/s)
  expect(await problems(dir, 'prod')).toBe('')
  const named = await folder({ 'resources.ts': definitions.replace('default:', 'dev:') })
  expect(await problems(named, 'staging')).toMatch(/there for prod and dev, not for the environment staging/)
})

test('no variable decides what an asset is', async () => {
  const dir = await folder({ 'traitline.ts': project("parameters: { deep: { key: env('KEY') } },") })
  expect(await problems(dir)).toMatch(
    /notebook\/scores.*its parameters\.deep\.key is env\('KEY'\): no variable may decide what an asset is/s,
  )
})
