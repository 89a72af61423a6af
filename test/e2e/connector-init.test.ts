import { mkdir, readdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot, spawnOwned } from '../../orchestrator/process/index.ts'
import { emptyFolder, pack } from './package.ts'

test('a new destination, made by the packed package, passes its own tests at once', { timeout: 240_000 }, async () => {
  const folder = await emptyFolder()
  const packed = await pack(folder)
  const modules = join(folder, 'node_modules')
  await mkdir(join(modules, 'traitline'), { recursive: true })
  await run(
    'tar',
    ['-xzf', join(folder, packed.filename), '--strip-components=1', '-C', join(modules, 'traitline')],
    folder,
  )
  // What `npm install` would fetch is here already.
  const fetched = join(packageRoot(), 'node_modules')
  const names = (await readdir(fetched)).filter((name) => !name.startsWith('.') && name !== 'traitline')
  for (const name of names) await symlink(join(fetched, name), join(modules, name))

  const cli = join(modules, 'traitline/dist/orchestrator/main/cli.js')
  const said = await run(process.execPath, [cli, 'connector', 'init', 'destination-great-mail', '--json'], folder)
  const destination = join(folder, 'destination-great-mail')
  expect(JSON.parse(said)).toEqual({ folder: destination, name: 'destination-great-mail' })
  expect(await readdir(join(destination, 'bin'))).toEqual(['destination-great-mail'])

  await run(process.execPath, [join(fetched, 'typescript/bin/tsc'), '-p', '.'], destination)
  const report = await run(process.execPath, ['--test', '--test-reporter=tap', 'dist/tests.js'], destination)
  expect(report).toMatch(/ok \d+ - SIGTERM ends it within seconds/)
  expect(report).toMatch(/^# fail 0$/m)
})

/** Runs a program that has to succeed; answers what it printed. */
async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  const lines: string[] = []
  const onLine = (line: string): void => void lines.push(line)
  const { code } = await spawnOwned(program, args, {
    ...{ cwd, env: { PATH: process.env['PATH'], HOME: cwd }, timeoutMs: 150_000 },
    ...{ onStdoutLine: onLine, onStderrLine: onLine },
  })
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${lines.slice(-80).join('\n')}`)
  return lines.join('\n')
}
