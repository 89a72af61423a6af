/** Every environment variable that Traitline reads, for people: docs/reference/settings.md is made of it. */
export interface SettingReference {
  readonly name: string
  readonly fallback: string
  readonly meaning: string
}

export const settingsReference: readonly SettingReference[] = [
  { name: 'TRAITLINE_HOME', fallback: '`.traitline`', meaning: 'The folder of all state of an embedded stack.' },
  {
    name: 'TRAITLINE_PROJECT',
    fallback: 'the current folder',
    meaning:
      'The folder of the project, where its `traitline.ts` is. `dev` and `worker` serve several, with `:` between them.',
  },
  {
    name: 'TRAITLINE_ENVIRONMENT',
    fallback: '`dev`',
    meaning: 'Which environment: records, workflows and revisions of each are apart.',
  },
  {
    name: 'DATABASE_URL',
    fallback: 'the embedded PostgreSQL',
    meaning:
      'Where Traitline keeps its records, `postgres://user:password@host/database`. It uses the schema `traitline` there.',
  },
  {
    name: 'TEMPORAL_ADDRESS',
    fallback: 'the embedded dev server',
    meaning:
      'A Temporal server, `host:port`. All standard `TEMPORAL_*` variables and profiles are read, TLS and API keys included.',
  },
  { name: 'TEMPORAL_PROFILE', fallback: 'none', meaning: 'A profile of Temporal’s configuration file.' },
  { name: 'TEMPORAL_CONFIG_FILE', fallback: 'Temporal’s own', meaning: 'The file that holds the profiles.' },
  {
    name: 'TRAITLINE_WAREHOUSE',
    fallback: 'a DuckDB file under TRAITLINE_HOME',
    meaning: 'The warehouse: `duckdb:PATH` or `postgres://...`.',
  },
  {
    name: 'TRAITLINE_HOST',
    fallback: '`127.0.0.1`',
    meaning: 'The address that the server binds to. Any but loopback needs TRAITLINE_API_TOKEN.',
  },
  { name: 'TRAITLINE_PORT', fallback: 'a free port', meaning: 'The server’s port.' },
  { name: 'TRAITLINE_API_TOKEN', fallback: 'none', meaning: 'With it, every request has to bring it.' },
  {
    name: 'TRAITLINE_BUILD_ID',
    fallback: 'none',
    meaning:
      'The build of this worker. With it, runs end on workers of the build that they began on, and new ones begin on the build named by `traitline workers promote`.',
  },
  {
    name: 'TRAITLINE_PUBLIC_URL',
    fallback: 'none',
    meaning: 'Where people open the page: the worker puts links to runs into alerts.',
  },
  { name: 'TRAITLINE_POSTGRES_PORT', fallback: 'a free port', meaning: 'The embedded PostgreSQL’s port.' },
  { name: 'TRAITLINE_TEMPORAL_PORT', fallback: 'a free port', meaning: 'The embedded Temporal’s port.' },
  {
    name: 'TRAITLINE_TEMPORAL_UI_PORT',
    fallback: 'a free port',
    meaning: 'The port of the embedded Temporal’s web UI.',
  },
  {
    name: 'TRAITLINE_PYTHON',
    fallback: 'the first Python of 3.10 or newer',
    meaning: 'The interpreter that the Python environment is made with.',
  },
  {
    name: 'TRAITLINE_PYTHON_ENV',
    fallback: '`python` under TRAITLINE_HOME',
    meaning: 'The folder of the Python environment; several homes may share one.',
  },
  { name: 'TRAITLINE_DBT', fallback: 'the environment’s dbt', meaning: 'A dbt executable of your own.' },
  {
    name: 'OPENLINEAGE_URL',
    fallback: 'none: no events are sent',
    meaning: 'The address of an OpenLineage endpoint, `http://localhost:5000`.',
  },
  { name: 'OPENLINEAGE_ENDPOINT', fallback: '`api/v1/lineage`', meaning: 'The path at that address.' },
  { name: 'OPENLINEAGE_API_KEY', fallback: 'none', meaning: 'Sent as a bearer token.' },
  {
    name: 'OPENLINEAGE_NAMESPACE',
    fallback: 'the project’s, or `traitline/<environment>`',
    meaning: 'The namespace of jobs.',
  },
  { name: 'OPENLINEAGE_DISABLED', fallback: '`false`', meaning: 'With `true` no events are sent.' },
  {
    name: 'OPENLINEAGE__TRANSPORT__TYPE',
    fallback: '`http` with an address',
    meaning: 'How events are sent: `http` or `file`.',
  },
  { name: 'OPENLINEAGE__TRANSPORT__URL', fallback: 'OPENLINEAGE_URL', meaning: 'The same, as newer clients name it.' },
  {
    name: 'OPENLINEAGE__TRANSPORT__ENDPOINT',
    fallback: 'OPENLINEAGE_ENDPOINT',
    meaning: 'The same, as newer clients name it.',
  },
  {
    name: 'OPENLINEAGE__TRANSPORT__AUTH',
    fallback: 'OPENLINEAGE_API_KEY',
    meaning: '`{"type": "api_key", "apiKey": "..."}`.',
  },
  {
    name: 'OPENLINEAGE__TRANSPORT__LOG_FILE_PATH',
    fallback: 'none',
    meaning: 'The file that events are written to.',
  },
  {
    name: 'OPENLINEAGE__TRANSPORT__APPEND',
    fallback: '`false`',
    meaning: 'With `true` it is one file of lines; otherwise there is a file for each event.',
  },
]
