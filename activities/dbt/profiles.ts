import type { WarehouseAccess } from '../warehouse/warehouse.ts'

/** The name under which dbt finds the warehouse, whatever profile its project names: `--profile`. */
export const profileName = 'traitline'

const passwordVariable = 'DBT_ENV_SECRET_TRAITLINE_PASSWORD'

export interface DbtProfile {
  /** Text of profiles.yml. JSON is YAML. */
  readonly text: string
  /** What it refers to: a password is in no file, and dbt keeps variables of this prefix out of its logs. */
  readonly env: Readonly<Record<string, string>>
}

/** How dbt reaches the warehouse: models go to `schema`. */
export function dbtProfile(access: WarehouseAccess, schema: string): DbtProfile {
  const { output, env } = outputs[access.dialect](access.url)
  const profile = { target: profileName, outputs: { [profileName]: { ...output, schema, threads: 4 } } }
  return { text: JSON.stringify({ [profileName]: profile }, null, 2), env }
}

interface Output {
  readonly output: Readonly<Record<string, unknown>>
  readonly env: Readonly<Record<string, string>>
}

const outputs: Readonly<Record<WarehouseAccess['dialect'], (url: string) => Output>> = {
  duckdb(url) {
    const [path = '', query = ''] = url.replace(/^duckdb:/, '').split('?')
    const settings = Object.fromEntries(new URLSearchParams(query))
    return { output: { type: 'duckdb', path, settings: { ...settings, TimeZone: 'UTC' } }, env: {} }
  },
  postgres(url) {
    const { hostname, port, username, password, pathname, searchParams } = new URL(url)
    const sslmode = searchParams.get('sslmode')
    return {
      output: {
        type: 'postgres',
        host: hostname.replace(/^\[|\]$/g, ''),
        port: Number(port === '' ? 5432 : port),
        user: decodeURIComponent(username),
        password: `{{ env_var('${passwordVariable}') }}`,
        dbname: decodeURIComponent(pathname.slice(1)),
        connect_timeout: 10,
        ...(sslmode === null ? {} : { sslmode }),
      },
      env: { [passwordVariable]: decodeURIComponent(password) },
    }
  },
}
