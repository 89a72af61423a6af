import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { pythonBin } from '../../../test/harness/python.ts'
import { tempDir } from '../../../test/harness/temp.ts'
import type { AssetKey, Manifest, ModelSpec } from '../../contract/index.ts'
import { audience, dbt, entity, notebook, project, source, trait } from '../../define/index.ts'
import type { ProjectMember } from '../../define/project.ts'
import { compileProject, createDbtParser, diffManifests } from '../index.ts'

const kernel = { metadata: { kernelspec: { name: 'python3' } }, nbformat: 4, cells: [] }

/** A dbt project with what real ones have: seeds, snapshots, ephemeral models, versions, schemas and tests of each kind. */
const files: Record<string, string> = {
  'n.ipynb': JSON.stringify(kernel),
  'dbt/dbt_project.yml': `
name: odd
version: '1.0.0'
profile: somebody_elses
vars:
  limit: 10
  odd:
    floor: 1
models:
  +materialized: view
`,
  'dbt/macros/double.sql':
    '{% macro double(x) %}2 * {{ once(x) }}{% endmacro %}\n{% macro once(x) %}{{ x }}{% endmacro %}',
  'dbt/seeds/countries.csv': 'code,name\nde,Germany\n',
  'dbt/snapshots/snap.yml': `
snapshots:
  - name: users_history
    relation: ref('users')
    config: { unique_key: id, strategy: check, check_cols: all }
`,
  'dbt/models/stage.sql': `{{ config(materialized='ephemeral') }} select * from {{ source('app', 'Users') }}`,
  'dbt/models/users.sql': `{{ config(materialized='table', schema='marts', alias='USERS_T', tags=['nightly'], meta={'owner': 'crm-team'}) }}
select id, n from {{ ref('stage') }} join {{ ref('countries') }} using (code)`,
  'dbt/models/limited.sql': `select * from {{ ref('users') }} limit {{ var('limit') }}`,
  'dbt/models/scored.sql': `select * from {{ source('ours', 'notebook_scores') }}`,
  'dbt/models/versioned_v2.sql': `select id, {{ double('n') }} as n from {{ ref('users') }}`,
  'dbt/models/off.sql': `{{ config(enabled=false) }} select 1`,
  'dbt/models/models.yml': `
version: 2
sources:
  - name: app
    schema: APP
    tables: [{ name: Users, identifier: USERS }]
  - name: ours
    schema: traitline_odd
    tables: [{ name: notebook_scores }]
models:
  - name: users
    description: Everyone.
    columns:
      - { name: id, data_type: varchar, description: Who., data_tests: [unique], meta: { pii: true } }
      - { name: n, data_type: decimal(18,2) }
  - name: versioned
    latest_version: 2
    versions: [{ v: 2 }]
`,
  'dbt/tests/all_scored.sql': `{{ config(severity='warn') }} select 1 from {{ ref('users') }} join {{ ref('scored') }} using (id) where false`,
  'dbt/tests/unwanted.sql': `select 1 from {{ ref('users') }} join {{ ref('versioned', v=2) }} using (id) where false`,
}

async function write(dir: string, changes: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(changes)) {
    await mkdir(dirname(join(dir, name)), { recursive: true })
    await writeFile(join(dir, name), text)
  }
}

const users = source('users', { table: 'app.users', columns: { id: 'text', n: 'integer', code: 'text' } })
const odd = dbt('odd', { path: 'dbt', sources: [users], owners: ['data'], vars: { limit: 20 } })
const person = entity('person', { key: 'id' })
const scores = notebook('scores', {
  path: 'n.ipynb',
  of: person,
  inputs: { users: odd.model('users') },
  output: { score: 'number' },
})
const high = trait.continuous('high', { of: person, from: odd.model('scored').column('score') })
const some = [scores, high, odd.model('limited'), odd.model('users_history')]

const model = (manifest: Manifest, key: AssetKey): ModelSpec =>
  manifest.assets.find((asset): asset is ModelSpec => asset.key === key && asset.kind === 'model') as ModelSpec

test('what is wanted of a dbt project, and all upstream of it', async () => {
  const dir = await tempDir()
  await write(dir, files)
  const parse = createDbtParser({ dbtExecutable: pythonBin('dbt'), home: join(dir, 'home') })
  const compile = async (assets: readonly ProjectMember[] = some) =>
    (await compileProject({ dir, definitions: project('odd', { assets }), dbt: parse })).manifest
  const manifest = await compile()

  expect(manifest.assets.map(({ key, deps }) => [key, ...deps])).toEqual([
    ['model/odd/countries'],
    ['source/users'],
    ['model/odd/users', 'model/odd/countries', 'source/users'],
    ['model/odd/limited', 'model/odd/users'],
    ['model/odd/users_history', 'model/odd/users'],
    ['notebook/scores', 'model/odd/users'],
    ['model/odd/scored', 'notebook/scores'],
    ['trait/high', 'model/odd/scored'],
  ])
  expect(model(manifest, 'model/odd/users')).toMatchObject({
    description: 'Everyone.',
    owners: ['data', 'crm-team'],
    tags: { nightly: '' },
    relation: { schema: 'dbt_odd_marts', name: 'USERS_T' },
    columns: [
      { name: 'id', type: 'text', description: 'Who.', pii: true },
      { name: 'n', type: 'number' },
    ],
    tests: [{ name: 'unique_users_id', severity: 'error' }],
  })
  expect(model(manifest, 'model/odd/countries').materialized).toBe('seed')
  expect(model(manifest, 'model/odd/users_history').materialized).toBe('snapshot')
  expect(model(manifest, 'model/odd/scored').tests).toEqual([
    {
      name: 'all_scored',
      uniqueId: 'test.odd.all_scored',
      severity: 'warn',
      reads: ['model/odd/users', 'model/odd/scored'],
    },
  ])

  const whole = await compile([odd, scores])
  expect(whole.assets.map(({ key }) => key)).toContain('model/odd/versioned_v2')
  expect(model(whole, 'model/odd/versioned_v2').tests.map(({ name }) => name)).toEqual(['unwanted'])

  await write(dir, {
    'dbt/seeds/countries.csv': 'code,name\nfr,France\n',
    'dbt/macros/double.sql': files['dbt/macros/double.sql']?.replace('{{ x }}{%', '({{ x }}){%') ?? '',
    'dbt/dbt_project.yml': files['dbt/dbt_project.yml']?.replace('floor: 1', 'floor: 2') ?? '',
    'dbt/models/stage.sql': `${files['dbt/models/stage.sql']} where n > 1`,
  })
  const { changed } = diffManifests(whole, await compile([odd, scores]))
  expect([...changed].sort()).toEqual([
    'model/odd/countries',
    'model/odd/limited',
    'model/odd/users',
    'model/odd/versioned_v2',
  ])
})

test('what keeps rows of a view changes with the view, however many lie between, and with no comment', async () => {
  const dir = await tempDir()
  await write(dir, {
    ...files,
    'dbt/models/scored.sql': `select * from {{ ref('near') }}`,
    'dbt/models/near.sql': `select * from {{ ref('far') }}`,
    'dbt/models/far.sql': `select * from {{ source('ours', 'notebook_scores') }}`,
    'dbt/models/kept.sql': `{{ config(materialized='table') }} select * from {{ ref('near') }}`,
  })
  const parse = createDbtParser({ dbtExecutable: pythonBin('dbt'), home: join(dir, 'home') })
  const assets = [scores, high, odd.model('kept')]
  const compile = async () =>
    (await compileProject({ dir, definitions: project('odd', { assets }), dbt: parse })).manifest
  const changedBy = async (before: Manifest) => [...diffManifests(before, await compile()).changed].sort()
  const before = await compile()
  await write(dir, {
    'dbt/models/far.sql': `-- all of them
select *  from {{ source('ours', 'notebook_scores') }}`,
  })
  expect(await changedBy(before)).toEqual([])
  await write(dir, { 'dbt/models/far.sql': `select * from {{ source('ours', 'notebook_scores') }} where score > 0` })
  expect(await changedBy(before)).toEqual(['model/odd/far', 'model/odd/kept', 'trait/high'])
})

test('what does not fit between a project and dbt is told, with the fix', async () => {
  const dir = await tempDir()
  await write(dir, {
    ...files,
    'dbt/models/models.yml': files['dbt/models/models.yml']?.replace('schema: APP', 'schema: elsewhere') ?? '',
  })
  const other = dbt('odd', {
    path: 'dbt',
    models: { users: { id: 'integer', m: 'number' }, userz: { id: 'text' }, stage: { id: 'text' } },
  })
  const wrong = entity('person', { key: 'id', type: 'integer', population: other.model('users') })
  const assets = [
    trait.boolean('flag', { of: person, from: other.model('users_history').column('flag') }),
    trait.boolean('nope', { of: person, from: odd.model('limitd').column('x') }),
    audience('all', {
      of: wrong,
      where: trait.continuous('m', { of: wrong, from: other.model('users').column('m') }).gt(1),
    }),
  ]
  const parse = createDbtParser({ dbtExecutable: pythonBin('dbt'), home: join(dir, 'home') })
  const only = assets.filter(({ name }) => name !== 'nope' && name !== 'flag')
  const error: unknown = await compileProject({ dir, definitions: project('odd', { assets: only }), dbt: parse }).catch(
    (thrown: unknown) => thrown,
  )
  const { message } = error as Error
  for (const words of [
    "the model users reads dbt's source app.Users (dbt/models/models.yml), and no asset has the table elsewhere.USERS. Define source('Users', { table: 'elsewhere.USERS', ... })",
    'model/odd/users (dbt.test.ts:',
    'it declares the column id as integer, and dbt as text. Declare it as text',
    'it declares the column m, which dbt does not document for it. Did you mean',
    'model/odd/userz',
    'the dbt project odd has no model userz. Did you mean users',
    'model/odd/stage',
    'dbt makes no table of it: it is ephemeral. Materialize it as a table or view',
  ]) {
    expect(message.replaceAll(/\(\.\.\/[^)]*\//g, '(')).toContain(words)
  }
})
