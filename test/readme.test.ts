import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../orchestrator/process/index.ts'

const root = packageRoot()

/** Every command that the README asks for, and the file that runs the same, with a word of it to look for there. */
const ranBy: Readonly<Record<string, readonly [file: string, word: string]>> = {
  'npm run demo': ['test/e2e/kill.test.ts', "'demo'"],
  'npm run demo -- --exit': ['test/e2e/demo.test.ts', "'--exit'"],
  'npm test': ['.ci/run', 'npm test'],
  'npx traitline list': ['test/e2e/pack.test.ts', "'list'"],
  "npx traitline materialize '+audience/at_risk'": ['test/e2e/pack.test.ts', "'+audience/at_risk'"],
  'npx traitline runs': ['test/e2e/pack.test.ts', "'runs'"],
  'npm install traitline': ['test/e2e/package.ts', "'install'"],
  'npx traitline init shop': ['test/e2e/pack.test.ts', "'init', 'shop'"],
  'npx traitline dev': ['test/e2e/pack.test.ts', "'dev'"],
  'npx traitline deploy': ['test/e2e/pack.test.ts', "'deploy'"],
}

test('every command of the README is run by a test', async () => {
  const commands = commandsOf(await readFile(join(root, 'README.md'), 'utf8'))
  expect(commands).toEqual(expect.arrayContaining(['npm run demo', 'npm test']))
  expect(commands.filter((command) => !(command in ranBy))).toEqual([])
  expect(Object.keys(ranBy).filter((command) => !commands.includes(command))).toEqual([])
})

test.each(Object.entries(ranBy))('%s', async (_, [file, word]) => {
  expect(existsSync(join(root, file))).toBe(true)
  expect(await readFile(join(root, file), 'utf8')).toContain(word)
})

test('scripts that the README names are there', async () => {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { scripts: object }
  const named = Object.keys(ranBy).flatMap(
    (command) => /^npm (?:run )?(demo|test|check|bench)\b/.exec(command)?.[1] ?? [],
  )
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named))
})

/** Commands of shell blocks, one a line or joined by &&, and those that the text names; each once. */
function commandsOf(markdown: string): string[] {
  const blocks = [...markdown.matchAll(/^```(?:sh|bash|console)\n([\s\S]*?)^```/gm)].map(([, text = '']) => text)
  const inText = [...markdown.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`((?:npm|npx) [^`]+)`/g)]
  const lines = [...blocks.join('').split('\n'), ...inText.map(([, text = '']) => text)]
  const commands = lines
    .flatMap((line) => line.replace(/(^|\s)#.*$/, '').split('&&'))
    .map((command) => command.trim())
    .filter((command) => command !== '' && !/^cd \S+$/.test(command))
  return [...new Set(commands)]
}
