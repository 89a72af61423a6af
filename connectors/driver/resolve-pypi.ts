import { randomUUID } from 'node:crypto'
import { readFile, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { privateDir, writePrivateFile } from '../../orchestrator/process/index.ts'
import type { ConnectorCommand } from './driver.ts'
import { withInstallLock } from './install-lock.ts'
import { installFailure, runStep, type Package, type Step } from './install-step.ts'
import type { ResolveOptions } from './resolve.ts'

const markerName = 'installed.json'

/** What the marker says, which is written last: an environment without one is not finished. */
interface Installed {
  readonly environment: string
  readonly program: string
}

/**
 * A connector from PyPI, in an environment of its own that is made once: `<home>/connectors/<name>-<version>/`. An
 * attempt that was killed leaves a folder that nothing points to, and the next makes another.
 */
export async function resolvePypi(ref: Package, options: ResolveOptions): Promise<ConnectorCommand> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(ref.package) || !/^[A-Za-z0-9.!+_-]+$/.test(ref.version)) {
    throw installFailure(ref, 'this is no name and version of a package', 'Write pypi:NAME==VERSION.')
  }
  const folder = await privateDir(join(options.home, 'connectors', `${ref.package}-${ref.version}`))
  const installed =
    (await readInstalled(folder)) ??
    (await withInstallLock(`${folder}.lock`, options.signal, async () => {
      return (await readInstalled(folder)) ?? (await install(ref, folder, options))
    }))
  return { command: installed.program, args: [], env: options.env, name: ref.package }
}

async function readInstalled(folder: string): Promise<Installed | null> {
  try {
    const installed = JSON.parse(await readFile(join(folder, markerName), 'utf8')) as Installed
    // An environment cannot be moved, and is broken when the Python behind it was removed.
    if (!installed.environment.startsWith(join(folder, '/'))) return null
    await Promise.all([stat(installed.program), stat(join(installed.environment, 'bin/python'))])
    return installed
  } catch {
    return null
  }
}

async function install(ref: Package, folder: string, options: ResolveOptions): Promise<Installed> {
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true })
  const environment = join(folder, `env-${randomUUID().slice(0, 8)}`)
  options.onProgress?.(`installing ${ref.package} ${ref.version} from PyPI`)
  for (const [program, ...args] of steps(ref, environment, options))
    await runStep(ref, { program: program as string, args, ...told }, options)
  const installed = { environment, program: join(environment, 'bin', await programOf(ref, environment, options)) }
  await writePrivateFile(join(folder, markerName), JSON.stringify(installed))
  options.onProgress?.(`installed ${ref.package} ${ref.version}`)
  return installed
}

function steps(ref: Package, environment: string, options: ResolveOptions): string[][] {
  const { pythonExecutable = 'python3', uvExecutable } = options
  const requirement = `${ref.package}==${ref.version}`
  const python = join(environment, 'bin/python')
  if (uvExecutable !== undefined) {
    const chosen = options.pythonExecutable === undefined ? [] : ['--python', options.pythonExecutable]
    return [
      [uvExecutable, 'venv', '--quiet', ...chosen, environment],
      [uvExecutable, 'pip', 'install', '--python', python, requirement],
    ]
  }
  return [
    [pythonExecutable, '-m', 'venv', environment],
    [python, '-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', '--progress-bar', 'off', requirement],
  ]
}

const listPrograms =
  'import importlib.metadata as m, json, sys; ' +
  'print(json.dumps([e.name for e in m.distribution(sys.argv[1]).entry_points if e.group == "console_scripts"]))'

/** The package's own console script: the only one, or the one that is called like it. */
async function programOf(ref: Package, environment: string, options: ResolveOptions): Promise<string> {
  const args = ['-c', listPrograms, ref.package]
  const step = { program: join(environment, 'bin/python'), args, ...told }
  const lines = await runStep(ref, step, { ...options, onProgress: () => undefined })
  const programs = JSON.parse(lines.at(-1) ?? '[]') as string[]
  const normal = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-')
  const program =
    programs.find((name) => normal(name) === normal(ref.package)) ??
    programs.find((name) => normal(name).includes('destination')) ??
    programs[0]
  if (program !== undefined) return program
  throw installFailure(ref, 'the package installs no program', 'Name a package that is an Airbyte destination.')
}

function hintFor(lines: readonly string[]): string {
  const text = lines.join('\n')
  if (/ensurepip|No module named venv/.test(text))
    return 'Install Python’s venv module (on Debian: python3-venv), or use uv.'
  if (/No matching distribution|no version of/i.test(text))
    return 'Check the package’s name and version, and that PyPI or its mirror can be reached.'
  return 'Read the lines above; the next attempt starts anew.'
}

const told: Pick<Step, 'hintFor' | 'missing'> = {
  hintFor,
  missing: 'Install Python 3.10 or newer, or say where it is.',
}
