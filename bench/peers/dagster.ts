import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../orchestrator/process/index.ts'

/** What was measured: times in milliseconds by what was timed, and the most memory of the process. */
export interface Peer {
  readonly dagster: string
  readonly ms: Readonly<Record<string, number>>
  readonly rssMb: number
}

const version = '1.13.27'
const installLimitMs = 5 * 60_000
const measureLimitMs = 5 * 60_000

/**
 * Times Dagster at the same work on this machine, in an environment of its own that is made when it is missing.
 * @returns null, with the reason on stderr, where it cannot be installed or run
 */
export async function measureDagster(kind: 'large' | 'noop', assets: number): Promise<Peer | null> {
  const folder = join(packageRoot(), '.traitline/bench/dagster')
  const python = join(folder, 'bin/python')
  try {
    if (!existsSync(join(folder, 'bin/dagster'))) {
      await run('python3', ['-m', 'venv', folder], installLimitMs)
      const packages = [`dagster==${version}`, `dagster-graphql==${version}`]
      await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages], installLimitMs)
    }
    const program = join(import.meta.dirname, 'dagster_peer.py')
    const output = await run(python, [program, kind, String(assets)], measureLimitMs)
    return JSON.parse(output.split('\n').find((line) => line.startsWith('{')) ?? '') as Peer
  } catch (error) {
    process.stderr.write(`without Dagster beside it: ${error instanceof Error ? error.message : String(error)}\n`)
    return null
  }
}

function run(command: string, args: readonly string[], limitMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: limitMs, killSignal: 'SIGKILL' })
    let output = ''
    let errors = ''
    child.stdout.on('data', (text) => (output += String(text)))
    child.stderr.on('data', (text) => (errors = (errors + String(text)).slice(-2_000)))
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${command} ${args[0]} failed: ${errors.trim()}`)),
    )
  })
}
