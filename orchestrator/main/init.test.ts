import { execFile } from 'node:child_process'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { packageRoot } from '../process/index.ts'
import { tempDir } from '../../test/harness/temp.ts'
import { initProject } from './init.ts'
import { ensureShopData } from './shop-data.ts'

const run = promisify(execFile)

test('a new project has definitions, dbt project and notebook of the shop, and none of its data', async () => {
  const dir = await initProject(join(await tempDir(), 'My first shop'))
  const files = (await readdir(dir, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)))
  expect(files).toEqual(
    expect.arrayContaining([
      '.gitignore',
      'README.md',
      'package.json',
      'traitline.ts',
      'tsconfig.json',
      'dbt/dbt_project.yml',
      'dbt/models/marts/customers.sql',
      'notebooks/churn.ipynb',
    ]),
  )
  expect(files.filter((file) => /\.csv$|SOURCES|target|logs/.test(file))).toEqual([])
  const text = await readFile(join(dir, 'traitline.ts'), 'utf8')
  expect(text).toContain("csv('home:data/shop/purchases.csv', { dateFormat: '%Y%m%d' })")
  expect(text).not.toMatch(/cdnow/i)
  expect(JSON.parse(await readFile(join(dir, 'package.json'), 'utf8'))).toMatchObject({
    name: 'my-first-shop',
    type: 'module',
    dependencies: { traitline: expect.stringMatching(/^\^\d+\.\d+\.\d+/) as string },
  })
})

test('its definitions pass the compiler', async () => {
  const dir = await initProject(join(await tempDir(), 'shop'))
  const config = JSON.parse(await readFile(join(dir, 'tsconfig.json'), 'utf8')) as { compilerOptions: object }
  const define = join(packageRoot(), 'orchestrator/define/index.ts')
  const source = { paths: { traitline: [define] }, allowImportingTsExtensions: true, types: ['node'] }
  const typeRoots = { typeRoots: [join(packageRoot(), 'node_modules/@types')] }
  const compilerOptions = { ...config.compilerOptions, ...source, ...typeRoots }
  await writeFile(join(dir, 'tsconfig.json'), JSON.stringify({ ...config, compilerOptions }))
  const tsc = join(packageRoot(), 'node_modules/typescript/bin/tsc')
  const { stdout } = await run(process.execPath, [tsc, '-p', dir]).catch(
    (error: unknown) => error as { stdout: string },
  )
  expect(stdout).toBe('')
})

test('a folder that holds something is left alone', async () => {
  const dir = await tempDir()
  await writeFile(join(dir, 'mine.txt'), 'mine')
  await expect(initProject(dir)).rejects.toMatchObject({ code: 'INIT_FOLDER_OCCUPIED', blame: 'user' })
  await expect(initProject(join(dir, 'mine.txt'))).rejects.toMatchObject({ code: 'INIT_FOLDER_OCCUPIED' })
  expect(await readdir(dir)).toEqual(['mine.txt'])
})

test('its data is made once, again when what it is made from changed, and the same on another machine', async () => {
  const dir = await initProject(join(await tempDir(), 'shop'))
  const asked = JSON.parse(await readFile(join(dir, 'package.json'), 'utf8')) as {
    traitline: { simulated: Record<string, unknown>[] }
  }
  const [purchases, events] = asked.traitline.simulated
  const ask = async (seed: number): Promise<void> => {
    const simulated = [
      { ...purchases, customers: 300, seed },
      { ...events, events: 3_000 },
    ]
    await writeFile(join(dir, 'package.json'), JSON.stringify({ ...asked, traitline: { simulated } }))
  }
  const home = await tempDir()
  const made = async (): Promise<boolean[]> =>
    (await ensureShopData({ home, projectDir: dir })).map((result) => result.made)
  const content = (folder: string) => readFile(join(folder, 'data/shop/web_events.csv'), 'utf8')

  await ask(1)
  expect(await made()).toEqual([true, true])
  expect(await made()).toEqual([false, false])
  const other = await tempDir()
  await ensureShopData({ home: other, projectDir: dir })
  expect(await content(home)).toBe(await content(other))

  await ask(2)
  expect(await made()).toEqual([true, true])
  expect(await content(home)).not.toBe(await content(other))
})

test('the example’s own events are made around its real purchases', async () => {
  const home = await tempDir()
  const projectDir = join(packageRoot(), 'examples/shop')
  const [result, ...others] = await ensureShopData({ home, projectDir })
  expect(result).toMatchObject({ type: 'events', made: true, rows: 80_000 })
  expect(others).toEqual([])
})

test.each([
  ['a file that leaves its folder', { type: 'purchases', to: 'home:../x.csv' }, 'SIMULATED_INVALID'],
  ['a date that is none', { type: 'purchases', to: 'home:x.csv', until: 'today' }, 'SIMULATED_INVALID'],
  ['an unknown kind', { type: 'weather', to: 'home:x.csv' }, 'SIMULATED_INVALID'],
  [
    'events around nothing',
    { type: 'events', to: 'home:x.csv', purchases: 'no.csv', events: 10 },
    'SIMULATED_NO_PURCHASES',
  ],
])('%s is refused', async (_, file, code) => {
  const projectDir = await tempDir()
  const period =
    file.type === 'events' ? { until: '1998-01-01' } : { customers: 1, from: '1997-01-01', until: '1998-01-01' }
  const simulated = [{ seed: 1, ...period, ...file }]
  await writeFile(join(projectDir, 'package.json'), JSON.stringify({ traitline: { simulated } }))
  const home = join(projectDir, 'home')
  await mkdir(home)
  await expect(ensureShopData({ home, projectDir })).rejects.toMatchObject({ code })
})

test('a project that asks for nothing gets nothing', async () => {
  const projectDir = await tempDir()
  expect(await ensureShopData({ home: projectDir, projectDir })).toEqual([])
  await writeFile(join(projectDir, 'package.json'), '{ "name": "mine" }')
  expect(await ensureShopData({ home: projectDir, projectDir })).toEqual([])
})
