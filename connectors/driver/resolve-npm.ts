import { randomUUID } from 'node:crypto'
import { mkdir, readFile, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { privateDir, writePrivateFile } from '../../orchestrator/process/index.ts'
import type { ConnectorCommand } from './driver.ts'
import { withInstallLock } from './install-lock.ts'
import { installFailure, runStep, type Package } from './install-step.ts'
import type { ResolveOptions } from './resolve.ts'

const markerName = 'installed.json'
const namePattern = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/
const versionPattern = /^\d+\.\d+\.\d+[0-9A-Za-z.+-]*$/

/**
 * A connector from npm, in a folder of its own that is made once: `<home>/connectors/npm-<name>-<version>/`. No install
 * script of the package or of what it depends on is run; its program is run by this Node.
 */
export async function resolveNpm(ref: Package, options: ResolveOptions): Promise<ConnectorCommand> {
  if (!namePattern.test(ref.package) || !versionPattern.test(ref.version)) {
    throw installFailure(ref, 'this is no name and exact version of a package', "Write npm('name@1.2.3').")
  }
  const label = `npm-${ref.package.replace('/', '+')}-${ref.version}`
  const folder = await privateDir(join(options.home, 'connectors', label))
  const program =
    (await readInstalled(folder)) ??
    (await withInstallLock(`${folder}.lock`, options.signal, async () => {
      return (await readInstalled(folder)) ?? (await install(ref, folder, options))
    }))
  return { command: process.execPath, args: [program], env: options.env, name: ref.package }
}

/** The marker is written last: a folder without one is not finished. */
async function readInstalled(folder: string): Promise<string | null> {
  try {
    const { program } = JSON.parse(await readFile(join(folder, markerName), 'utf8')) as { readonly program: string }
    if (!program.startsWith(join(folder, '/'))) return null
    await stat(program)
    return program
  } catch {
    return null
  }
}

async function install(ref: Package, folder: string, options: ResolveOptions): Promise<string> {
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true })
  const environment = join(folder, `env-${randomUUID().slice(0, 8)}`)
  await mkdir(environment)
  await writePrivateFile(join(environment, 'package.json'), '{"private":true}')
  options.onProgress?.(`installing ${ref.package} ${ref.version} from npm`)
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--omit=dev', '--loglevel=error']
  const args = ['install', ...quiet, '--prefix', environment, `${ref.package}@${ref.version}`]
  await runStep(ref, { program: options.npmExecutable ?? 'npm', args, hintFor, missing: 'Install npm.' }, options)
  const program = await programOf(ref, join(environment, 'node_modules', ref.package))
  await writePrivateFile(join(folder, markerName), JSON.stringify({ program }))
  options.onProgress?.(`installed ${ref.package} ${ref.version}`)
  return program
}

/** The package's only program, or the one that is called like it or like a destination. */
async function programOf(ref: Package, root: string): Promise<string> {
  const { bin = {} } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    readonly bin?: string | Readonly<Record<string, string>>
  }
  const programs = typeof bin === 'string' ? { [ref.package]: bin } : bin
  const own = ref.package.slice(ref.package.indexOf('/') + 1)
  const names = Object.keys(programs)
  const name = names.find((one) => one === own) ?? names.find((one) => one.includes('destination')) ?? names[0]
  const path = name === undefined ? undefined : programs[name]
  if (path !== undefined) return join(root, path)
  throw installFailure(ref, 'the package has no program', 'Name a package that is an Airbyte destination.')
}

function hintFor(lines: readonly string[]): string {
  if (/E404|ETARGET|No matching version/.test(lines.join('\n'))) {
    return 'Check the package’s name and version, and that the registry can be reached.'
  }
  return 'Read the lines above; the next attempt starts anew.'
}
