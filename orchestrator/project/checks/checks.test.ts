import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tempDir } from '../../../test/harness/temp.ts'
import {
  audience,
  check,
  entity,
  env,
  freshBy,
  freshWithin,
  postgres,
  project,
  source,
  sql,
  sync,
  trait,
  type Project,
} from '../../define/index.ts'
import { compileProject, loadUserFunction } from '../index.ts'

const noDbt = () => Promise.reject(new Error('no dbt project here'))
const compile = async (definitions: Project, dir?: string) =>
  (await compileProject({ dir: dir ?? (await tempDir()), definitions, dbt: noDbt })).manifest

async function problemsOf(definitions: Project): Promise<string[]> {
  const error: unknown = await compile(definitions).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'PROJECT_INVALID' })
  const lines = (error as Error).message.split('\n').slice(1)
  return lines.map((line) => line.trim().replaceAll(/[^ (]*checks\.test\.ts:\d+/g, 'here'))
}

const people = source('people', {
  table: 'raw.people',
  columns: { id: 'text', n: 'integer', seen: 'timestamp', mail: { type: 'number', pii: true } },
  checks: [
    check.unique('id', { description: 'One row each.' }),
    check.freshness('seen', { maxAgeMinutes: 60, severity: 'warn' }),
    check.rowCountChange({ maxDrop: 0.1, blocking: false }),
  ],
  freshness: freshWithin({ warnAfterMinutes: 60, failAfterMinutes: 120, since: 'change' }),
})
const person = entity('person', { key: 'id', population: people })
const n = trait.continuous('n', {
  of: person,
  from: people.column('n'),
  checks: [
    check.drift({ severity: 'warn' }),
    check.notNull(),
    check.sql('small', (self) => sql`select * from ${self} join ${people} using (id) where n > 9`),
    check.sql('mean', (self) => sql`select avg(n) from ${self}`, { min: 1, max: 5 }),
  ],
})
const many = audience('many', { of: person, where: n.gt(1) })
const crm = postgres('crm', { url: env('CRM'), tables: { people: { key: 'id', columns: { id: 'text' } } } })
const toCrm = sync('to_crm', {
  from: many,
  to: crm.table('people'),
  mode: 'mirror',
  map: { id: person.key },
  checks: [check.delivered({ maxLostShare: 0.01 }), check.rowCount({ max: 1_000 })],
  freshness: freshBy('0 6 * * mon-fri', { warnBeforeMinutes: 30 }),
})

test('checks and policies are part of the manifest, and of no version', async () => {
  const manifest = await compile(project('p', { timeZone: 'Europe/Berlin', assets: [toCrm] }))
  const of = (key: string) => manifest.assets.find((asset) => asset.key === key)
  expect(of('source/people')?.checks).toEqual([
    {
      ...{ name: 'unique_id', description: 'One row each.', severity: 'error', blocking: true },
      test: { type: 'unique', columns: ['id'] },
    },
    {
      ...{ name: 'freshness_seen', description: null, severity: 'warn', blocking: false },
      test: { type: 'freshness', column: 'seen', maxAgeMinutes: 60 },
    },
    {
      ...{ name: 'row_count_change', description: null, severity: 'error', blocking: false },
      test: { type: 'row_count_change', maxDrop: 0.1, maxGrowth: null },
    },
  ])
  expect(of('source/people')?.freshness).toMatchObject({ type: 'age', since: 'change', failAfterMinutes: 120 })
  expect(of('trait/n')?.checks?.map(({ name, test: each }) => [name, each])).toEqual([
    ['drift', { type: 'drift', column: 'n', threshold: 0.25, bins: 10, minRows: 100 }],
    ['not_null', { type: 'not_null', column: 'n', maxShare: 0 }],
    [
      'small',
      {
        type: 'sql',
        sql: { strings: ['select * from ', ' join ', ' using (id) where n > 9'], refs: ['trait/n', 'source/people'] },
      },
    ],
    ['mean', { type: 'sql_value', sql: { strings: ['select avg(n) from ', ''], refs: ['trait/n'] }, min: 1, max: 5 }],
  ])
  expect(of('sync/to_crm')).toMatchObject({
    checks: [{ name: 'delivered' }, { name: 'row_count' }],
    freshness: { type: 'deadline', cron: '0 6 * * mon-fri', timeZone: 'Europe/Berlin', windowMinutes: null },
  })
  expect(of('audience/many')).not.toHaveProperty('checks')

  const bare = source('people', {
    table: 'raw.people',
    columns: { id: 'text', n: 'integer', seen: 'timestamp', mail: 'number' },
  })
  const without = await compile(project('p', { assets: [bare] }))
  expect(without.assets[0]?.codeVersion).toBe(of('source/people')?.codeVersion)
})

test('what cannot be checked is told with its place and its fix', async () => {
  const other = source('other', { table: 'raw.other', columns: { id: 'text' } })
  const checks = [
    check.unique('idd'),
    check.acceptedRange('id', { min: 1 }),
    check.acceptedRange('n', { min: 2, max: 1 }),
    check.notNull('n', { maxShare: 5 }),
    check.notNull(),
    check.rowCount({}),
    check.rowCountChange({ name: 'change', maxDrop: 2 }),
    check.drift({ column: 'mail' }),
    check.drift({ column: 'n', bins: 1 }),
    check.freshness('n', { maxAgeMinutes: 0 }),
    check.sql('elsewhere', sql`select * from ${other}`),
    check.sql('Bad Name', (self) => sql`select * from ${self}`),
    check.rowCount({ min: 1, name: 'twice' }),
    check.rowCount({ min: 1, name: 'twice', severity: 'warn', blocking: true }),
    check.typescript('code', { module: 'nope.ts' }),
    check.delivered(),
  ]
  const columns = { id: 'text', n: 'integer', mail: { type: 'number', pii: true } } as const
  const table = source('t', {
    ...{ table: 'raw.t', columns, checks },
    freshness: freshWithin({ warnAfterMinutes: 9, failAfterMinutes: 5 }),
  })
  const late = source('late', {
    table: 'raw.late',
    columns: { id: 'text' },
    freshness: freshBy('0 25 * * *', { timeZone: 'Mars' }),
  })
  const toTable = sync('to_crm', {
    ...{ from: many, to: crm.table('people'), mode: 'mirror', map: { id: person.key } },
    checks: [check.unique('id')],
  })
  const problems = await problemsOf(project('p', { assets: [table, other, late, toTable] }))
  expect(problems.sort()).toEqual(
    [
      'source/late (here): its freshness policy is not valid: "Mars" is no time zone. Use a name such as Europe/Berlin, or UTC.',
      'source/late (here): its freshness policy is not valid: its cron "0 25 * * *" is not valid: its hour 25 is not between 0 and 23. Write five fields, such as 0 6 * * 1-5.',
      'source/t (here): its freshness policy is not valid: it warns after 9 minutes and fails after 5. Warn earlier.',
      'source/t check Bad Name (here): a name has lower-case letters, digits and underscores, and begins with a letter. Give it a name.',
      'source/t check accepted_range_id (here): its column id is text. Use a column of type number or integer.',
      'source/t check accepted_range_n (here): its range is empty: from 2 to 1. min is at most max.',
      'source/t check change (here): maxDrop 2 is more than all rows. Write 0.2 for a fifth of the rows.',
      'source/t check code (here): its module nope.ts cannot be read. Paths are relative to the folder of traitline.ts.',
      'source/t check delivered (here): nothing is delivered by it. Put this check on a sync.',
      'source/t check drift_mail (here): mail holds personal data, of which no distribution is kept. Check another column, or use check.sql, which keeps a count alone.',
      'source/t check drift_n (here): it has 1 bins. Use a whole number from 2 to 100; 10 is common.',
      'source/t check elsewhere (here): it reads source/other, which is not upstream of source/t. Read the asset itself, or what it is made from.',
      'source/t check freshness_n (here): its column n is integer. Use a column of type timestamp or date.',
      'source/t check freshness_n (here): maxAgeMinutes is 0. Use a number above 0.',
      'source/t check not_null (here): it names no column. Name one: only a trait has a value of its own.',
      'source/t check not_null_n (here): maxShare is 5. Use a share from 0 to 1.',
      'source/t check row_count (here): it allows any number of rows. Give it min or max.',
      'source/t check twice (here): it blocks, and is only a warning. Make its severity error, or do not let it block.',
      'source/t check twice (here): it is defined twice. Give one of the two another name.',
      'source/t check unique_idd (here): source/t has no column idd. Did you mean id?',
      'sync/to_crm check unique_id (here): a sync has no table. Use row_count, row_count_change or delivered on a sync.',
    ].sort(),
  )
})

test('code is known by itself and by what it imports of the project', async () => {
  const dir = await tempDir()
  await mkdir(join(dir, 'checks'))
  const helper = join(dir, 'checks/helper.ts')
  await writeFile(helper, 'export const limit: number = 5\n')
  await writeFile(
    join(dir, 'checks/mine.ts'),
    "import { limit } from './helper.ts'\nimport { check } from 'traitline'\nexport const mine = () => ({ passed: typeof check === 'object', value: limit })\n",
  )
  const assets = [
    source('s', {
      table: 'raw.s',
      columns: { id: 'text' },
      checks: [check.typescript('mine', { module: 'checks/mine.ts', export: 'mine' })],
    }),
  ]
  const code = async () => {
    const each = (await compile(project('p', { assets }), dir)).assets[0]?.checks?.[0]?.test
    return each?.type === 'typescript' ? each.code : { module: '', export: '', hash: '' }
  }
  const deployed = await code()
  const mine = (await loadUserFunction(dir, deployed)) as () => unknown
  expect(mine()).toEqual({ passed: true, value: 5 })
  await expect(loadUserFunction(dir, { ...deployed, export: 'yours' })).rejects.toMatchObject({
    code: 'USER_CODE_INVALID',
    hint: 'It exports mine.',
  })

  await writeFile(helper, 'export const limit: number = 6\n')
  await expect(loadUserFunction(dir, deployed)).rejects.toMatchObject({ code: 'USER_CODE_CHANGED' })
  const changed = await code()
  expect(changed.hash).not.toBe(deployed.hash)
  expect(((await loadUserFunction(dir, changed)) as () => unknown)()).toEqual({ passed: true, value: 6 })
})
