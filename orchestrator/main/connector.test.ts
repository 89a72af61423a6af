import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { tempDir } from '../../test/harness/temp.ts'
import { createProgram } from './program.ts'

afterEach(() => {
  process.exitCode = 0
})

interface Report {
  readonly program: string
  readonly passed: number
  readonly failed: number
  readonly cases: readonly { readonly name: string; readonly passed: boolean; readonly problem: string | null }[]
}

async function connectorTest(...words: string[]): Promise<{ printed: string; code: number }> {
  const printed: string[] = []
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0)
  try {
    const env = { PATH: process.env['PATH'], TRAITLINE_HOME: await tempDir() }
    await createProgram(env).parseAsync(['connector', 'test', ...words], { from: 'user' })
  } finally {
    out.mockRestore()
  }
  return { printed: printed.join(''), code: Number(process.exitCode ?? 0) }
}

test('a destination that conforms: each case is told, and nothing fails', { timeout: 180_000 }, async () => {
  const folder = await tempDir()
  const config = join(folder, 'config.json')
  await mkdir(join(folder, 'out'))
  await writeFile(config, JSON.stringify({ folder: join(folder, 'out'), format: 'jsonl' }))
  const { printed, code } = await connectorTest('builtin:files', '--config', config, '--json')
  const { failed, cases } = JSON.parse(printed) as Report
  expect(cases.filter(({ passed }) => !passed)).toEqual([])
  expect(failed).toBe(0)
  expect(code).toBe(0)
  expect(cases.map(({ name }) => name)).toContain('states of the other kinds are answered')
})

/** Answers every STATE before it is asked to, and knows no spec. */
const hasty = `#!${process.execPath}
if (process.argv[2] === 'write') process.stdin.resume().on('end', () => console.log('{"type":"STATE","state":{"data":{}}}'))
`

test('one that does not: what was expected is told, and the exit code is 1', { timeout: 120_000 }, async () => {
  const folder = await tempDir()
  const program = join(folder, 'hasty')
  const config = join(folder, 'config.json')
  await writeFile(program, hasty)
  await chmod(program, 0o755)
  await writeFile(config, '{}')
  const { printed, code } = await connectorTest(program, '--config', config)
  expect(printed).toMatch(/^FAIL {2}spec prints one specification/m)
  expect(printed).toMatch(/the STATE messages that came back/)
  expect(printed).toMatch(/\n.*hasty: \d+ passed, \d+ failed\n$/)
  expect(code).toBe(1)
})
