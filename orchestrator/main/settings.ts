import { delimiter, join, resolve } from 'node:path'
import { TraitlineError } from '../contract/index.ts'
import { openLineageConfig, type OpenLineageConfig } from './openlineage-settings.ts'

/** All that the environment decides. Only the composition roots read it, and only here. */
export interface Settings {
  /** All state of an embedded stack: `.traitline/` unless TRAITLINE_HOME says otherwise. */
  readonly home: string
  /** Folder of the project; of the first where several are served. */
  readonly projectDir: string
  /** All of them: TRAITLINE_PROJECT may name several, as PATH does. */
  readonly projectDirs: readonly string[]
  /** `dev` unless TRAITLINE_ENVIRONMENT says otherwise. */
  readonly environment: string
  /** DATABASE_URL: Traitline's own records. Null: the embedded server. */
  readonly databaseUrl: string | null
  /** True if TEMPORAL_ADDRESS or a profile names a server; the client reads them itself. */
  readonly externalTemporal: boolean
  /** TRAITLINE_WAREHOUSE: `duckdb:PATH` or `postgres://...`. Null: a DuckDB file under home. */
  readonly warehouseUrl: string | null
  /** TRAITLINE_PYTHON_ENV: the locked environment; `home/python` otherwise. */
  readonly pythonEnv: string
  /** TRAITLINE_PYTHON: the interpreter that the environment is made with. */
  readonly python: string | null
  /** TRAITLINE_DBT: a dbt of the user's own. */
  readonly dbtExecutable: string
  readonly host: string
  readonly port: number | null
  readonly temporalPort: number | null
  readonly temporalUiPort: number | null
  readonly postgresPort: number | null
  readonly apiToken: string | null
  /** TRAITLINE_BUILD_ID: workers are versioned, and this is their build. */
  readonly buildId: string | null
  /** OPENLINEAGE_*: where lineage events go; null for nowhere. */
  readonly openLineage: OpenLineageConfig | null
  /** TRAITLINE_PUBLIC_URL: where people open the page, for links in alerts. */
  readonly publicUrl: string | null
  /** Any other variable, for EnvRefs of destinations. */
  readonly secret: (name: string) => string | undefined
}

export function readSettings(
  env: NodeJS.ProcessEnv,
  options: { readonly projectDirs?: readonly string[] } = {},
): Settings {
  const named = options.projectDirs ?? text(env, 'TRAITLINE_PROJECT')?.split(delimiter) ?? []
  const projectDirs = named.filter((folder) => folder !== '').map((folder) => resolve(folder))
  if (projectDirs.length === 0) projectDirs.push(resolve('.'))
  const home = resolve(text(env, 'TRAITLINE_HOME') ?? '.traitline')
  const pythonEnv = resolve(text(env, 'TRAITLINE_PYTHON_ENV') ?? join(home, 'python'))
  return {
    home,
    projectDir: projectDirs[0] as string,
    projectDirs,
    environment: name(env, 'TRAITLINE_ENVIRONMENT') ?? 'dev',
    databaseUrl: text(env, 'DATABASE_URL'),
    externalTemporal: ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE'].some(
      (key) => text(env, key) !== null,
    ),
    warehouseUrl: warehouse(text(env, 'TRAITLINE_WAREHOUSE')),
    pythonEnv,
    python: text(env, 'TRAITLINE_PYTHON'),
    dbtExecutable: text(env, 'TRAITLINE_DBT') ?? join(pythonEnv, 'bin/dbt'),
    host: text(env, 'TRAITLINE_HOST') ?? '127.0.0.1',
    port: port(env, 'TRAITLINE_PORT'),
    temporalPort: port(env, 'TRAITLINE_TEMPORAL_PORT'),
    temporalUiPort: port(env, 'TRAITLINE_TEMPORAL_UI_PORT'),
    postgresPort: port(env, 'TRAITLINE_POSTGRES_PORT'),
    apiToken: text(env, 'TRAITLINE_API_TOKEN'),
    buildId: text(env, 'TRAITLINE_BUILD_ID'),
    openLineage: openLineageConfig(env),
    publicUrl: text(env, 'TRAITLINE_PUBLIC_URL'),
    secret: (key) => env[key],
  }
}

function text(env: NodeJS.ProcessEnv, key: string): string | null {
  const value = env[key]?.trim()
  return value === undefined || value === '' ? null : value
}

function name(env: NodeJS.ProcessEnv, key: string): string | null {
  const value = text(env, key)
  if (value === null || /^[a-z][a-z0-9_-]{0,62}$/.test(value)) return value
  throw invalid(key, value, 'lower-case letters, digits, - and _')
}

function port(env: NodeJS.ProcessEnv, key: string): number | null {
  const value = text(env, key)
  if (value === null) return null
  const number = Number(value)
  if (Number.isInteger(number) && number > 0 && number < 65_536) return number
  throw invalid(key, value, 'a port between 1 and 65535')
}

function warehouse(value: string | null): string | null {
  if (value === null || /^(duckdb:.+|postgres(ql)?:\/\/.+)/.test(value)) return value
  throw new TraitlineError({
    code: 'SETTING_INVALID',
    // The value may hold a password: it is not repeated.
    message: 'TRAITLINE_WAREHOUSE is neither duckdb:PATH nor postgres://...',
    hint: 'For example TRAITLINE_WAREHOUSE=duckdb:./warehouse.duckdb',
    blame: 'config',
  })
}

function invalid(key: string, value: string, wanted: string): TraitlineError {
  return new TraitlineError({
    code: 'SETTING_INVALID',
    message: `${key} is ${JSON.stringify(value)}`,
    hint: `Set it to ${wanted}, or unset it.`,
    blame: 'config',
  })
}
