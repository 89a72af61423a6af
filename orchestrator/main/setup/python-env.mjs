/**
 * The locked Python environment: made when it is missing or stale, left alone when it is current.
 * Plain JavaScript without dependencies, since it also runs before anything is installed.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const uvVersion = '0.13.9'
const minimum = [3, 10]
const stepTimeoutMs = 15 * 60_000

/** An error with a fix, told apart from a defect of ours by its `hint`. */
export class SetupError extends Error {
  constructor(code, message, hint) {
    super(message)
    this.code = code
    this.hint = hint
  }
}

/**
 * @param {{ folder: string, lockFile: string, python?: string, onProgress?: (line: string) => void }} options
 * @returns {Promise<{ changed: boolean }>}
 */
export async function ensurePythonEnv({ folder, lockFile, python, onProgress = () => {} }) {
  const lock = await readFile(lockFile, 'utf8')
  const stamp = createHash('sha256')
    .update(lock)
    .update(python ?? '')
    .digest('hex')
  const stampFile = join(folder, 'traitline-stamp')
  if ((await readFile(stampFile, 'utf8').catch(() => '')) === stamp) return { changed: false }

  const interpreter = await findPython(python)
  onProgress(`Python ${interpreter.version}: installing the locked packages`)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const created = await run(interpreter.command, ['-m', 'venv', folder])
  if (created.code !== 0) {
    throw new SetupError(
      'PYTHON_VENV_FAILED',
      `${interpreter.command} -m venv failed: ${lastLine(created.output)}`,
      'Install the venv module of this Python (on Debian and Ubuntu: the package python3-venv), or name another Python in TRAITLINE_PYTHON.',
    )
  }
  const bin = join(folder, 'bin')
  await installPackages(bin, lockFile, onProgress)
  const kernel = await run(join(bin, 'python'), ['-m', 'ipykernel', 'install', '--sys-prefix', '--name', 'python3'])
  if (kernel.code !== 0) {
    throw new SetupError(
      'PYTHON_KERNEL_FAILED',
      `the kernel could not be registered: ${lastLine(kernel.output)}`,
      `Remove ${folder} and try again.`,
    )
  }
  await writeFile(stampFile, stamp)
  onProgress('Python packages are in place')
  return { changed: true }
}

/** uv is many times quicker; pip is what a machine with settings of its own for pip may need. */
async function installPackages(bin, lockFile, onProgress) {
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check']
  const uv = await run(join(bin, 'python'), [...pip, `uv==${uvVersion}`])
  if (uv.code === 0) {
    const env = { ...process.env, UV_NATIVE_TLS: 'true', VIRTUAL_ENV: join(bin, '..') }
    const synced = await run(join(bin, 'uv'), ['pip', 'install', '--quiet', '--require-hashes', '-r', lockFile], env)
    if (synced.code === 0) return
    onProgress('uv could not install the packages; trying pip, which takes a minute longer')
  }
  const installed = await run(join(bin, 'python'), [...pip, '--require-hashes', '-r', lockFile])
  if (installed.code !== 0) {
    throw new SetupError(
      'PYTHON_PACKAGES_FAILED',
      `the Python packages could not be installed: ${lastLine(installed.output)}`,
      'Check that the package index can be reached (pip config list), then run the command again.',
    )
  }
}

async function findPython(named) {
  const candidates = named ? [named] : ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python']
  const seen = []
  for (const command of candidates) {
    const probe = await run(command, ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])'])
    if (probe.code !== 0) continue
    const version = probe.output.trim()
    const [major, minor] = version.split('.').map(Number)
    if (major === minimum[0] && minor >= minimum[1]) return { command, version }
    seen.push(`${command} is ${version}`)
  }
  throw new SetupError(
    'PYTHON_MISSING',
    `no Python ${minimum.join('.')} or newer was found${seen.length > 0 ? ` (${seen.join(', ')})` : named ? `: ${named} does not run` : ''}`,
    `Install Python ${minimum.join('.')} or newer, or name one in TRAITLINE_PYTHON.`,
  )
}

function run(command, args, env = process.env) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    // Not spawn's own time-out: its timer goes on, and keeps the process, where the program does not exist.
    const timer = setTimeout(() => child.kill(), stepTimeoutMs)
    let output = ''
    const keep = (chunk) => (output = (output + chunk).slice(-20_000))
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', (error) => {
      clearTimeout(timer)
      resolve({ code: -1, output: error.message })
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ code, output })
    })
  })
}

function lastLine(output) {
  return output.trim().split('\n').at(-1) ?? ''
}
