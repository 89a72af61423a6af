import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../process/index.ts'
import { tempDir } from '../../test/harness/temp.ts'

/** Runs `tsc` once over the file, as a project of a user would be checked. */
async function compile(text: string): Promise<string> {
  const dir = await tempDir()
  const root = packageRoot()
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      incremental: false,
      tsBuildInfoFile: null,
      noUnusedLocals: false,
      paths: { traitline: [join(root, 'orchestrator/define/index.ts')] },
      typeRoots: [join(root, 'node_modules/@types')],
    },
    include: ['traitline.ts'],
  }
  await writeFile(join(dir, 'package.json'), '{ "type": "module" }')
  await writeFile(join(dir, 'tsconfig.json'), JSON.stringify(config))
  await writeFile(join(dir, 'traitline.ts'), text)
  return new Promise((resolve) => {
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    execFile(process.execPath, [tsc, '-p', dir, '--pretty', 'false'], { maxBuffer: 1 << 24, cwd: dir }, (_, stdout) =>
      resolve(stdout),
    )
  })
}

interface Diagnostic {
  readonly line: number
  text: string
}

function diagnostics(output: string): Diagnostic[] {
  const found: Diagnostic[] = []
  for (const line of output.split('\n')) {
    const head = /^traitline\.ts\((\d+),\d+\): error (.*)$/.exec(line)
    if (head !== null) found.push({ line: Number(head[1]), text: head[2] ?? '' })
    else if (line.startsWith(' ')) (found.at(-1) ?? { text: '' }).text += `\n${line}`
    else if (line !== '') throw new Error(`tsc said: ${line}`)
  }
  return found
}

test('each bad definition fails tsc where it stands, in words that say why; the good ones compile', async () => {
  const text = await readFile(new URL('./fixtures/bad-definitions.ts.txt', import.meta.url), 'utf8')
  const lines = text.split('\n')
  const expected = lines.flatMap((line, index) => {
    const words = /^\/\/ error: (.*)$/.exec(line)?.[1]
    return words === undefined ? [] : [{ line: index + 2, words, code: lines[index + 1] }]
  })
  expect(expected.length).toBeGreaterThan(40)

  const found = diagnostics(await compile(text))
  const unmet = expected.filter(
    ({ line, words }) => !found.some((item) => item.line === line && item.text.includes(words)),
  )
  expect(unmet.map((item) => ({ ...item, said: found.filter(({ line }) => line === item.line) }))).toEqual([])
  expect(found.filter(({ line }) => !expected.some((item) => item.line === line))).toEqual([])
})
