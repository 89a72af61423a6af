import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tempDir } from '../../test/harness/temp.ts'
import type { Source } from '../define/source.ts'
import { loadProject } from './index.ts'

async function project(files: Record<string, string>): Promise<string> {
  const dir = await tempDir()
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text)
  return dir
}

const text = `import { project, source } from 'traitline'
import { table } from './tables.ts'

interface Nothing { readonly a: 1 }

const orders = source('orders', {
  table,
  columns: { id: 'text' },
})

export default project('p', { assets: [orders] })
`

test('a project is run, its other files too, and each definition knows its line', async () => {
  const dir = await project({ 'traitline.ts': text, 'tables.ts': `export const table: string = 'raw.orders'` })
  const loaded = await loadProject(dir)
  expect(loaded).toMatchObject({ kind: 'project', name: 'p' })
  expect(loaded.definedAt).toEqual({ file: join(dir, 'traitline.ts'), line: 11 })
  const orders = loaded.refs[0] as Source
  expect(orders.table).toBe('raw.orders')
  expect(orders.definedAt).toEqual({ file: join(dir, 'traitline.ts'), line: 6 })

  await writeFile(join(dir, 'tables.ts'), `export const table = 'raw.others'`)
  expect(((await loadProject(dir)).refs[0] as Source).table).toBe('raw.others')
})

test('plain JavaScript does as well', async () => {
  const dir = await project({
    'traitline.js': `import { project } from 'traitline'\nexport default project('js', { assets: [] })`,
    'package.json': '{ "type": "module" }',
  })
  expect(await loadProject(dir)).toMatchObject({ kind: 'project', name: 'js' })
})

test.each([
  ['no file', {}, 'PROJECT_NOT_FOUND', 'there is no traitline.ts in'],
  [
    'no default export',
    { 'traitline.ts': 'export const a = 1' },
    'PROJECT_INVALID',
    'no project as its default export',
  ],
  ['something else', { 'traitline.ts': 'export default { kind: "project" }' }, 'PROJECT_INVALID', 'no project as its'],
  ['a syntax error', { 'traitline.ts': 'const a =\nconst b' }, 'PROJECT_INVALID', 'traitline.ts'],
  [
    'a missing package',
    { 'traitline.ts': `import 'no-such-package-here'` },
    'PROJECT_INVALID',
    `traitline.ts:1 cannot be loaded: Cannot find module 'no-such-package-here'`,
  ],
  [
    'code that throws',
    {
      'traitline.ts': `import { f } from './f.ts'\nf()`,
      'f.ts': `\n\nexport const f = () => {\n  throw new Error('it broke')\n}`,
    },
    'PROJECT_INVALID',
    'f.ts:4 cannot be loaded: it broke',
  ],
] as [string, Record<string, string>, string, string][])('%s is one clear error', async (_, files, code, message) => {
  const dir = await project(files)
  await expect(loadProject(dir)).rejects.toMatchObject({
    code,
    blame: 'user',
    message: expect.stringContaining(message) as string,
  })
})

test('a call that is refused is told with its place, all that is wrong with it at once', async () => {
  const dir = await project({
    'traitline.js': `import { project } from 'traitline'\nimport { people } from './people.js'\nexport default project('p', { assets: [people] })`,
    'people.js': `import { source } from 'traitline'

const make = (name) =>
  source(name, { tabel: 'raw.people', columns: { id: 7 } })
export const people = make('people')`,
    'package.json': '{ "type": "module" }',
  })
  const at = 'source/people (people.js:4)'
  await expect(loadProject(dir)).rejects.toMatchObject({
    code: 'PROJECT_INVALID',
    blame: 'user',
    message: `the project in traitline.js has 2 problems:
  ${at}: unknown option tabel. Did you mean table?
  ${at}: its option columns.id is a number, not one of text, integer, number, boolean, timestamp, date, json. Write it like id: 'text', or mail: { type: 'text', pii: true }.`,
  })
})

test('files that import each other are told what to do', async () => {
  const dir = await project({
    'traitline.ts': `import { project } from 'traitline'\nimport { a } from './a.ts'\nexport default project('p', { assets: [a] })`,
    'a.ts': `import { source } from 'traitline'
import { b } from './b.ts'
export const a = source('a', { table: 'raw.a', columns: { id: 'text' } })
export const both = [a, b]`,
    'b.ts': `import { sql } from 'traitline'\nimport { a } from './a.ts'\nexport const b = sql\`select id from \${a}\``,
  })
  await expect(loadProject(dir)).rejects.toMatchObject({
    code: 'PROJECT_INVALID',
    message: expect.stringMatching(
      /^ {2}sql \(b\.ts:3\): its argument tables\[0\] is missing\. .* If two files import each other, move/m,
    ) as string,
  })
})
