import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { pythonBin } from '../../../test/harness/python.ts'
import { tempDir } from '../../../test/harness/temp.ts'
import { dbt, project, source } from '../../define/index.ts'
import { compileProject, createDbtParser } from '../index.ts'

const files: Readonly<Record<string, string>> = {
  'dbt_project.yml': `name: asks\nversion: '1.0.0'\nprofile: nobodys\nmodels: { +materialized: table }\n`,
  'macros/twice.sql': '{% macro twice(x) %}2 * {{ x }}{% endmacro %}',
  'seeds/countries.csv': 'code,"name"\nde,Germany\n',
  'models/sources.yml': `sources: [{ name: app, schema: app, tables: [{ name: users }] }]`,
  'models/stage.sql': `{{ config(materialized='ephemeral') }} select * from {{ source('app', 'users') }}`,
  'models/plain.sql': `select id, {{ twice('n') }} as n from {{ ref('stage') }}`,
  'models/grown.sql': `{{ config(materialized='incremental') }}
select id, n from {{ ref('plain') }} {# all of it at first #}
{% if is_incremental() %} where n > (select max(n) from {{ this }}) {% endif %}`,
  'models/asking.sql': `{% set answer = run_query('select 1') %}
select {{ answer.columns[0].values()[0] if execute else 1 }} as n from {{ source('app', 'users') }}`,
}

const users = source('users', { table: 'app.users', columns: { id: 'text', n: 'integer' } })

test.for(['duckdb', 'postgres'] as const)(
  'what is kept of code, read for %s',
  { timeout: 180_000 },
  async (adapter) => {
    const dir = await tempDir()
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(dir, 'dbt', name)), { recursive: true })
      await writeFile(join(dir, 'dbt', name), text)
    }
    const parse = createDbtParser({ dbtExecutable: pythonBin('dbt'), home: join(dir, 'home'), adapter })
    const asks = dbt('asks', { path: 'dbt', sources: [users] })
    const { code } = await compileProject({ dir, definitions: project('asks', { assets: [asks] }), dbt: parse })

    const sql = (name: string): string => (code[`model/asks/${name}`]?.sql ?? '').replaceAll(/\s+/g, ' ').trim()
    // Macros and ephemeral models are filled in.
    expect(sql('plain')).toMatch(
      /^with __dbt__cte__stage as \( select \* from .*"app"\."users"\s*\) select id, 2 \* n as n from/,
    )
    // What is only for later runs is left out, by dbt or without it.
    expect(sql('grown')).toMatch(/^select id, n from .*"dbt_asks"\."plain"$/)
    expect(code['model/asks/countries']).toEqual({ columns: ['code', 'name'] })
    // In an empty DuckDB it can be asked; of another warehouse nobody knows what it would answer.
    if (adapter === 'duckdb') expect(sql('asking')).toMatch(/^select 1 as n from/)
    else expect(code['model/asks/asking']).toEqual({ reason: expect.stringContaining('asks one what to do') as string })
  },
)
