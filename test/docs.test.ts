import { existsSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { createProgram } from '../orchestrator/main/program.ts'
import { readSettings } from '../orchestrator/main/settings.ts'
import { settingsReference } from '../orchestrator/main/settings-reference.ts'
import { packageRoot } from '../orchestrator/process/index.ts'
import { architecturePage } from './docs/architecture-page.ts'
import { cliPage } from './docs/cli-page.ts'
import { brokenLinks } from './docs/links.ts'
import { pagePath } from './docs/page.ts'
import { settingsPage } from './docs/settings-page.ts'
import { rooms } from './rooms.ts'

const root = packageRoot()

test('the reference of the command line is current', async () => {
  await expect(await cliPage(createProgram({}))).toMatchFileSnapshot(pagePath('reference/cli.md'))
})

test('the reference of settings is current', async () => {
  await expect(await settingsPage(settingsReference)).toMatchFileSnapshot(pagePath('reference/settings.md'))
})

test('the page on architecture is current', async () => {
  const explained = (await markdownIn('.'))
    .filter((path) => path.endsWith('/ARCHITECTURE.md'))
    .map((path) => dirname(path))
  await expect(await architecturePage(rooms, explained)).toMatchFileSnapshot(pagePath('architecture.md'))
})

test('the settings that are read are those of the reference', () => {
  const read = new Set<string>()
  const nothingSet = new Proxy<NodeJS.ProcessEnv>(
    {},
    {
      get(_, name) {
        read.add(String(name))
        return undefined
      },
    },
  )
  readSettings(nothingSet)
  expect([...read].sort()).toEqual(settingsReference.map(({ name }) => name).sort())
})

test('every link leads to a file that is there, and to a heading in it', async () => {
  const pages = await markdownIn('.')
  expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/README.md', 'docs/reference/cli.md']))
  expect(await brokenLinks(root, pages)).toEqual([])
})

test('every page of docs/ can be reached from docs/README.md', async () => {
  const contents = await readFile(join(root, 'docs/README.md'), 'utf8')
  const pages = (await markdownIn('docs')).map((path) => relative('docs', path))
  expect(pages.filter((path) => path !== 'README.md' && !contents.includes(`](${path})`))).toEqual([])
})

/** Markdown files of the project below a folder, relative to the root. */
async function markdownIn(folder: string): Promise<string[]> {
  const found: string[] = []
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && !['node_modules', 'dist', '.git', '.traitline'].includes(entry.name)) {
      found.push(...(await markdownIn(path)))
    } else if (entry.name.endsWith('.md')) found.push(path)
  }
  return found.filter((path) => existsSync(join(root, path))).sort()
}
