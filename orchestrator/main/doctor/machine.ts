import { constants } from 'node:fs'
import { access, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { spawnOwned } from '../../process/index.ts'
import type { Settings } from '../settings.ts'
import { fail, ok, warn, type Finding } from './finding.ts'

const programTimeoutMs = 60_000
const gigabyte = 1_073_741_824

export function checkNode(version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return ok('node', version)
  return fail('node', `${version} is too old`, 'Install Node.js 20.19 or newer.')
}

/** The folder itself, or the nearest one above it that is there. */
export async function checkHome({ home }: Settings): Promise<Finding[]> {
  let folder = home
  while (!(await canWrite(folder, constants.F_OK)) && dirname(folder) !== folder) folder = dirname(folder)
  if (!(await canWrite(folder, constants.W_OK))) {
    return [fail('home', `${home} cannot be written to`, 'Set TRAITLINE_HOME to a folder of yours.')]
  }
  const { bavail, bsize } = await statfs(folder)
  const free = (bavail * bsize) / gigabyte
  const detail = `${free.toFixed(1)} GiB free under ${folder}`
  const fix = 'Make room, or set TRAITLINE_HOME to a folder on a larger disk.'
  return [
    ok('home', folder === home ? home : `${home} is not there yet: \`traitline dev\` makes it`),
    free < 0.2 ? fail('disk', detail, fix) : free < 2 ? warn('disk', detail, fix) : ok('disk', detail),
  ]
}

function canWrite(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  )
}

export async function checkPython({ pythonEnv }: Settings): Promise<Finding> {
  const python = join(pythonEnv, 'bin/python')
  const said = await outputOf(python, [
    '-c',
    'import sys, papermill, sqlglot, duckdb; print(sys.version.split()[0], "papermill", papermill.__version__, "duckdb", duckdb.__version__)',
  ])
  if (said.ok) return ok('python', `${said.text} in ${pythonEnv}`)
  return fail(
    'python',
    said.missing ? `there is no Python environment at ${pythonEnv}` : `the environment at ${pythonEnv} is broken`,
    'Run `traitline dev`, which makes it, or remove the folder so that it is made again.',
  )
}

export async function checkDbt({ dbtExecutable }: Settings): Promise<Finding> {
  const said = await outputOf(dbtExecutable, ['--version'])
  if (!said.ok) {
    return fail(
      'dbt',
      said.missing ? `${dbtExecutable} is not there` : `${dbtExecutable} --version fails`,
      'Let TRAITLINE_DBT name a dbt that runs, or let `traitline dev` make the Python environment.',
    )
  }
  const version = /installed:\s*(\S+)/.exec(said.text)?.[1] ?? /(\d+\.\d+\.\S+)/.exec(said.text)?.[1] ?? said.text
  return ok('dbt', `${version} (${dbtExecutable})`)
}

async function outputOf(
  command: string,
  args: readonly string[],
): Promise<{ readonly ok: boolean; readonly missing: boolean; readonly text: string }> {
  const lines: string[] = []
  try {
    const { code } = await spawnOwned(command, args, {
      env: {
        PATH: '/usr/local/bin:/usr/bin:/bin',
        HOME: '/nonexistent',
        DO_NOT_TRACK: '1',
        DBT_VERSION_CHECK: 'false',
      },
      timeoutMs: programTimeoutMs,
      onStdoutLine: (line) => lines.push(line),
    })
    return { ok: code === 0, missing: false, text: lines.join('\n').trim() }
  } catch (error) {
    return { ok: false, missing: (error as { code?: string }).code === 'PROCESS_NOT_FOUND', text: '' }
  }
}

/** Ports that are asked for have to be free before a stack starts; the others are chosen. */
export async function checkPorts(settings: Settings): Promise<Finding[]> {
  const asked = [
    ['TRAITLINE_PORT', settings.port],
    ['TRAITLINE_TEMPORAL_PORT', settings.temporalPort],
    ['TRAITLINE_TEMPORAL_UI_PORT', settings.temporalUiPort],
    ['TRAITLINE_POSTGRES_PORT', settings.postgresPort],
  ] as const
  const found: Finding[] = []
  for (const [name, port] of asked) {
    if (port === null) continue
    const free = await isFree(port)
    found.push(
      free
        ? ok('ports', `${port} (${name}) is free`)
        : fail('ports', `${port} (${name}) is in use`, `Set ${name} to another port, or unset it to have one chosen.`),
    )
  }
  return found
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
