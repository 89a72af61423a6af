import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { packageRoot, spawnOwned } from '../../orchestrator/process/index.ts'

export interface Packed {
  readonly filename: string
  readonly size: number
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string; readonly size: number }[]
}

/** A new user's folder, removed when the test has finished. */
export async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp('/var/tmp/traitline-pack-')
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  // As root PostgreSQL runs as another user, who has to pass through.
  await chmod(folder, 0o711)
  return folder
}

/** Packs the built tree as it is into a folder. */
export async function pack(folder: string): Promise<Packed> {
  const output = await npm(['pack', '--ignore-scripts', '--json', '--pack-destination', folder], packageRoot())
  const [packed] = JSON.parse(output) as Packed[]
  if (packed === undefined) throw new Error('npm packed nothing')
  return packed
}

/** What `npm init -y && npm install <package>` does. */
export async function install(folder: string, tarball: string): Promise<void> {
  await writeFile(join(folder, 'package.json'), '{ "private": true }')
  await npm(['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], folder)
}

async function npm(args: readonly string[], cwd: string): Promise<string> {
  const stdout: string[] = []
  const stderr: string[] = []
  const { code } = await spawnOwned('npm', args, {
    cwd,
    env: process.env,
    timeoutMs: 300_000,
    onStdoutLine: (line) => stdout.push(line),
    onStderrLine: (line) => stderr.push(line),
  })
  if (code !== 0) throw new Error(`npm ${args[0]} ended with ${code}: ${stderr.slice(-10).join('\n')}`)
  return stdout.join('\n')
}
