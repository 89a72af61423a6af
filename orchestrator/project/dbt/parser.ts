import { copyFile, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { isTraitlineError, TraitlineError } from '../../contract/index.ts'
import { privateDir, spawnOwned, writePrivateFile, type ProcessEnd } from '../../process/index.ts'
import { hashOf, sha256 } from '../hash.ts'
import { introspectiveNodes } from './introspective.ts'
import type { ParseDbt, ParseDbtInput } from './parse.ts'
import { hashProjectFiles } from './project-files.ts'

export interface DbtParserOptions {
  readonly dbtExecutable: string
  /** TRAITLINE_HOME: all that dbt writes goes under it. */
  readonly home: string
  /** Which of dbt's adapters reads the project; nothing is connected to. Default `duckdb`. */
  readonly adapter?: 'duckdb' | 'postgres'
  /** Default 180 s. */
  readonly timeoutMs?: number
}

/** Rises when a cached manifest would be read differently. */
const cacheFormat = 2
const partialParse = 'partial_parse.msgpack'

/**
 * Runs `dbt compile`, which parses and fills in the templates, and keeps the manifest under home by a hash of the project's files and variables: an unchanged
 * project costs no dbt. Nothing is written into the user's dbt project.
 */
export function createDbtParser(options: DbtParserOptions): ParseDbt {
  return async (input) => {
    const home = await privateDir(
      join(options.home, 'dbt', `${basename(input.name)}-${sha256(input.directory).slice(0, 8)}`, 'parse'),
    )
    const { directory, name, schema, vars } = input
    const key = hashOf({
      cacheFormat,
      dbt: options.dbtExecutable,
      adapter: options.adapter,
      name,
      schema,
      vars,
      files: await hashProjectFiles(directory),
    })
    const kept = await cached(home, key)
    return kept ?? (await parse(options, input, home, key))
  }
}

async function cached(home: string, key: string): Promise<unknown> {
  try {
    const entry = JSON.parse(await readFile(join(home, 'manifest.json'), 'utf8')) as {
      key?: string
      manifest?: unknown
    }
    return entry.key === key ? entry.manifest : undefined
  } catch {
    return undefined
  }
}

async function parse(options: DbtParserOptions, input: ParseDbtInput, home: string, key: string): Promise<unknown> {
  const profiles = join(home, 'profiles')
  await writePrivateFile(join(profiles, 'profiles.yml'), profilesYml(options.adapter ?? 'duckdb', input.schema))
  // A target folder of its own, so that two parsers at once do not meet; dbt's own cache moves along.
  const target = await mkdtemp(join(home, 'target-'))
  try {
    await copyFile(join(home, partialParse), join(target, partialParse)).catch(() => undefined)
    const manifest = await compile(options, input, { profiles, target, logs: join(home, 'logs') })
    await writePrivateFile(join(home, 'manifest.json'), JSON.stringify({ key, manifest }))
    await rename(join(target, partialParse), join(home, partialParse)).catch(() => undefined)
    return manifest
  } finally {
    await rm(target, { recursive: true, force: true })
  }
}

interface Folders {
  readonly profiles: string
  readonly target: string
  readonly logs: string
}

type Command = readonly [name: 'parse' | 'compile', ...options: string[]]

/**
 * Compiling costs little more than parsing. It ends at the first model that asks the warehouse something: then all
 * such models are left out, whose code stays a template.
 */
async function compile(options: DbtParserOptions, input: ParseDbtInput, folders: Folders): Promise<unknown> {
  const adapter = options.adapter ?? 'duckdb'
  // DuckDB in memory answers that nothing is there; the Postgres of the profile does not exist.
  const alone = adapter === 'duckdb' ? [] : ['--no-introspect', '--no-populate-cache']
  const command: Command = ['compile', ...alone, '--exclude', 'resource_type:test']
  const first = await runDbt(options, input, folders, command)
  if (first.ok) return readManifest(folders)
  const parsed = await readManifest(folders).catch(() => null)
  if (parsed !== null) {
    const asking = introspectiveNodes(parsed, adapter)
    // What cannot be compiled after all is parsed: its lineage says what it lacks.
    if (asking.length > 0) await runDbt(options, input, folders, [...command, ...asking])
    return readManifest(folders)
  }
  if (!first.unknownOption) throw parseFailed(input, first)
  const plain = await runDbt(options, input, folders, ['parse'])
  if (!plain.ok) throw parseFailed(input, plain)
  return readManifest(folders)
}

async function readManifest({ target }: Folders): Promise<unknown> {
  return JSON.parse(await readFile(join(target, 'manifest.json'), 'utf8'))
}

interface DbtEnd {
  readonly ok: boolean
  readonly end: ProcessEnd
  readonly said: readonly string[]
  /** A dbt of another make may not know an option. */
  readonly unknownOption: boolean
}

async function runDbt(
  options: DbtParserOptions,
  input: ParseDbtInput,
  folders: Folders,
  [name, ...more]: Command,
): Promise<DbtEnd> {
  const args = [name, '--project-dir', input.directory, '--profiles-dir', folders.profiles]
  args.push('--profile', 'traitline', '--target', 'traitline')
  args.push('--target-path', folders.target, '--log-path', folders.logs, '--vars', JSON.stringify(input.vars))
  args.push('--log-format', 'json', '--no-use-colors', '--no-send-anonymous-usage-stats', ...more)
  const said: string[] = []
  const listen = (line: string): void => {
    const error = errorOf(line)
    if (error !== null) said.push(error)
  }
  try {
    const end = await spawnOwned(options.dbtExecutable, args, {
      cwd: folders.target,
      timeoutMs: options.timeoutMs ?? 180_000,
      onStdoutLine: listen,
      onStderrLine: listen,
    })
    const unknownOption = /no such (?:option|command)|unexpected argument/i.test(said.join('\n'))
    return { ok: end.code === 0, end, said, unknownOption }
  } catch (error) {
    throw spawnFailure(options, input, error)
  }
}

function parseFailed(input: ParseDbtInput, { said, end }: DbtEnd): TraitlineError {
  const reason = said.join('\n').trim()
  return new TraitlineError({
    code: 'DBT_PARSE_FAILED',
    message: `dbt cannot read the project ${input.name}: ${reason === '' ? `it ended with ${end.code ?? end.signal}` : shortened(reason)}`,
    hint: `Run \`dbt parse\` in ${input.directory} to see it alone; packages have to be installed with \`dbt deps\`.`,
    blame: 'user',
  })
}

/** An error of dbt's structured log, or a line of what was printed before logging began. */
function errorOf(line: string): string | null {
  if (!line.startsWith('{')) return line.trim() === '' ? null : line.trimEnd()
  try {
    const { info } = JSON.parse(line) as { info?: { level?: string; msg?: string } }
    return info?.level === 'error' ? (info.msg ?? null) : null
  } catch {
    return null
  }
}

const maxLines = 20

function shortened(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines.slice(0, maxLines).join('\n')
}

function spawnFailure(options: DbtParserOptions, input: ParseDbtInput, error: unknown): unknown {
  const code = isTraitlineError(error) ? error.code : undefined
  if (code === 'PROCESS_NOT_FOUND' || code === 'PROCESS_NOT_STARTED') {
    return new TraitlineError({
      code: 'DBT_MISSING',
      message: `dbt cannot be started: ${options.dbtExecutable} is not there or may not be run`,
      hint: 'Run `traitline dev`, which sets the Python environment up, or name a dbt of your own in TRAITLINE_DBT.',
      blame: 'config',
      cause: error,
    })
  }
  if (code === 'PROCESS_TIMEOUT') {
    return new TraitlineError({
      code: 'DBT_TIMEOUT',
      message: `dbt did not finish reading the project ${input.name} in time`,
      hint: `Run \`dbt parse\` in ${input.directory} to see what it waits for.`,
      blame: 'system',
      cause: error,
    })
  }
  return error
}

/** JSON is YAML. */
function profilesYml(adapter: 'duckdb' | 'postgres', schema: string): string {
  const outputs = {
    duckdb: { type: 'duckdb', path: ':memory:', schema, threads: 1 },
    postgres: {
      type: 'postgres',
      host: 'localhost',
      port: 5432,
      user: 'nobody',
      password: '',
      dbname: 'none',
      schema,
      threads: 1,
    },
  }
  return JSON.stringify({ traitline: { target: 'traitline', outputs: { traitline: outputs[adapter] } } })
}
