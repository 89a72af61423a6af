/**
 * What `npm run demo`, `npm test` and the like do first in a checkout: installs npm's and Python's packages and builds
 * dist/, each only where it is missing or stale. Plain JavaScript without dependencies: nothing is installed yet.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SetupError, ensurePythonEnv } from './python-env.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..')
const minimumNode = [20, 19]

async function main() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < minimumNode[0] || (major === minimumNode[0] && minor < minimumNode[1])) {
    throw new SetupError(
      'NODE_TOO_OLD',
      `Node ${process.versions.node} is older than ${minimumNode.join('.')}`,
      `Install Node ${minimumNode.join('.')} or newer.`,
    )
  }
  const home = process.env.TRAITLINE_HOME || join(root, '.traitline')
  const results = await Promise.allSettled([
    npmPackages().then(build),
    ensurePythonEnv({
      folder: process.env.TRAITLINE_PYTHON_ENV || join(home, 'python'),
      lockFile: join(root, 'activities/python/requirements.lock'),
      python: process.env.TRAITLINE_PYTHON,
      onProgress: say,
    }),
  ])
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

async function npmPackages() {
  const stamp = await hashOf([join(root, 'package-lock.json')], process.platform, process.arch)
  const stampFile = join(root, 'node_modules/.traitline-stamp')
  if ((await readFile(stampFile, 'utf8').catch(() => '')) === stamp) return
  say('npm: installing the locked packages')
  await run(
    'npm',
    ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
    'NPM_FAILED',
    'Check that the npm registry can be reached, then run the command again.',
  )
  await writeFile(stampFile, stamp)
}

async function build() {
  const files = []
  for (const folder of ['orchestrator', 'workflows', 'activities', 'connectors', 'ui']) {
    for (const entry of await readdir(join(root, folder), { recursive: true, withFileTypes: true })) {
      if (
        entry.isFile() &&
        /\.(ts|tsx|css|html|mjs|json)$/.test(entry.name) &&
        !/\.(test|test-d|fixture|cases)\.tsx?$/.test(entry.name)
      ) {
        files.push(join(entry.parentPath ?? entry.path, entry.name))
      }
    }
  }
  files.push(...['package-lock.json', 'tsconfig.json', 'tsconfig.build.json'].map((name) => join(root, name)))
  const stamp = await hashOf(files.sort())
  const stampFile = join(root, 'dist/.traitline-stamp')
  if ((await readFile(stampFile, 'utf8').catch(() => '')) === stamp) return
  say('building')
  await rm(join(root, 'dist'), { recursive: true, force: true })
  const bin = (name) => join(root, 'node_modules/.bin', name)
  await Promise.all([
    run(bin('tsc'), ['-p', 'tsconfig.build.json'], 'BUILD_FAILED', 'Mend the errors above.').then(() =>
      run(process.execPath, ['dist/orchestrator/main/bundle-workflows.js'], 'BUILD_FAILED', 'Mend the errors above.'),
    ),
    run(bin('vite'), ['build', 'ui', '--logLevel', 'warn'], 'BUILD_FAILED', 'Mend the errors above.'),
  ])
  await writeFile(stampFile, stamp)
}

async function hashOf(files, ...more) {
  const hash = createHash('sha256')
  for (const file of files) hash.update(file).update(existsSync(file) ? await readFile(file) : '')
  return hash.update(more.join()).digest('hex')
}

function run(command, args, code, hint) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 2, 2] })
    child.on('error', (error) => reject(new SetupError(code, `${command} did not start: ${error.message}`, hint)))
    child.on('close', (status) =>
      status === 0
        ? resolve()
        : reject(new SetupError(code, `${[command.split('/').at(-1), ...args].join(' ')} ended with ${status}`, hint)),
    )
  })
}

function say(line) {
  process.stderr.write(`setup: ${line}\n`)
}

main().catch((error) => {
  process.stderr.write(
    error instanceof SetupError ? `error ${error.code}: ${error.message}\n  fix: ${error.hint}\n` : `${error.stack}\n`,
  )
  process.exitCode = 1
})
