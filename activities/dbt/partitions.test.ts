import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import {
  kindOf,
  nameOf,
  stepWorkflows,
  type AssetKey,
  type StepInput,
  type StepOutcome,
} from '../../orchestrator/contract/index.ts'
import { daily, dbt, entity, lastPartitions, project, source, sql, trait } from '../../orchestrator/define/index.ts'
import { compileProject, createDbtParser } from '../../orchestrator/project/index.ts'
import { quietEnvironment } from '../../test/harness/activity.ts'
import { pythonBin } from '../../test/harness/python.ts'
import { tempDir } from '../../test/harness/temp.ts'
import { freshStore, materializationOf, scope } from '../../test/store/fresh-store.ts'
import { createMaterializeActivities } from '../materialize/index.ts'
import { createWarehouse } from '../warehouse/create-warehouse.ts'
import { createDbtActivities } from './index.ts'

const files = {
  'dbt_project.yml': `name: tiny
version: '1.0.0'
config-version: 2
profile: whatever
`,
  'models/sources.yml': `sources:
  - name: raw
    tables: [{ name: events }]
`,
  'models/visits.sql': `{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='day') }}
select id, cast(happened as date) as day, count(*) as n from {{ source('raw', 'events') }}
where happened >= cast('{{ var("traitline_partition_start", "2026-01-01") }}' as timestamp)
  and happened < cast('{{ var("traitline_partition_end", "2027-01-01") }}' as timestamp)
group by 1, 2`,
}

const days = daily({ start: '2026-01-01' })
const events = source('events', { table: 'raw.events', columns: { id: 'integer', happened: 'timestamp' } })
const person = entity('person', { key: 'id', type: 'integer' })
const tiny = dbt('tiny', {
  path: 'dbt',
  sources: [events],
  models: { visits: { id: 'integer', day: 'date', n: 'integer' } },
  partitions: { visits: days },
  partitionBy: { visits: 'day' },
})
const visits = tiny.model('visits')
const ofDay = trait.continuous('visits_of_day', {
  of: person,
  partitions: days,
  from: sql`select id, sum(n) as value from ${visits} group by id`,
})
const ofTwoDays = trait.continuous('visits_of_two_days', {
  of: person,
  partitions: days,
  from: sql`select id, sum(n) as value from ${lastPartitions(visits, 2)} group by id`,
})

test('a partitioned trait reads of a partitioned model the rows of its own days, and each day has its own version', async () => {
  const home = await tempDir()
  const { store } = await freshStore()
  const warehouse = createWarehouse({ url: `duckdb:${join(home, 'tiny.duckdb')}`, home })
  onTestFinished(() => warehouse.close())
  const dir = join(home, 'project')
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, 'dbt', path)), { recursive: true })
    await writeFile(join(dir, 'dbt', path), text)
  }
  const definitions = project('shop', { asOf: '2026-01-04T00:00:00Z', assets: [tiny, ofDay, ofTwoDays] })
  const parser = createDbtParser({ dbtExecutable: pythonBin('dbt'), home })
  const { manifest } = await compileProject({ dir, definitions, dbt: parser })
  await store.assets.register(scope, manifest.assets)

  const deps = {
    ...{ warehouse, store, home, clock: () => new Date(), manifests: () => Promise.resolve(manifest) },
    ...{ projectDir: () => dir, userCode: () => Promise.reject(new Error('no code here')) },
    ...{ dbtExecutable: pythonBin('dbt'), environment: { PATH: '/usr/bin:/bin', HOME: home } },
  }
  const activities = { ...createDbtActivities(deps), ...createMaterializeActivities(deps) }
  let runs = 0
  const begin = async (key: AssetKey, partitions: readonly string[]): Promise<StepInput> => {
    const run = `run-${++runs}`
    const of = { key, reasons: [{ type: 'never_materialized' as const }], deps: [] }
    const assets = partitions.length === 0 ? [of] : partitions.map((partition) => ({ ...of, partition }))
    const step = { id: `${key}/${run}`, workflow: stepWorkflows[kindOf(key)], assets, after: [] }
    await store.runs.create({ scope, run, revision: 1, selection: '*', targets: [key], force: false })
    await store.runs.savePlan(run, { steps: [step], fresh: [] })
    return { ...scope, run, revision: 1, warehouseQueue: 'w', force: false, step }
  }
  const make = async (key: AssetKey, ...partitions: string[]): Promise<StepOutcome['assets']> => {
    const work = activities[kindOf(key) === 'model' ? 'buildDbtModels' : 'materializeTrait']
    const input = await begin(key, partitions)
    return (await quietEnvironment().run<[StepInput], StepOutcome, typeof work>(work, input)).assets
  }
  const values = async (key: AssetKey, partition: string): Promise<unknown[]> => {
    const name = nameOf(key)
    const text = `select id::integer as id, ${name}::integer as value from traitline_shop.trait_${name}__rows
      where traitline_partition = $1 order by id`
    return (await warehouse.query({ text, parameters: [partition] })).map(({ id, value }) => [id, value])
  }
  const put = async (...texts: string[]): Promise<void> => {
    await warehouse.transaction(texts.map((text) => ({ text, parameters: [] })))
    const fields = { dataVersion: `test:${texts.join()}`, warehouse: await warehouse.identity() }
    await store.assets.recordMaterialization(await begin(events.key, []), materializationOf(events.key, fields), null)
  }

  await put(
    'create schema raw',
    'create table raw.events (id integer, happened timestamp)',
    `insert into raw.events values (1, '2026-01-01 08:00'), (1, '2026-01-02 00:00'), (1, '2026-01-02 09:00'),
      (2, '2026-01-02 23:59')`,
  )
  const built = await make(visits.key, '2026-01-01', '2026-01-02')
  expect(built).toMatchObject([
    { status: 'materialized', rows: 1 },
    { status: 'materialized', rows: 2 },
  ])
  await make(ofDay.key, '2026-01-01', '2026-01-02')
  expect(await values(ofDay.key, '2026-01-01')).toEqual([[1, 1]])
  expect(await values(ofDay.key, '2026-01-02')).toEqual([
    [1, 2],
    [2, 1],
  ])
  await make(ofTwoDays.key, '2026-01-02')
  expect(await values(ofTwoDays.key, '2026-01-02')).toEqual([
    [1, 3],
    [2, 1],
  ])

  // The table holds another day by now, and what it reads has changed.
  await put(`insert into raw.events values (2, '2026-01-03 12:00')`)
  const versionOf = (outcomes: StepOutcome['assets']) => (outcomes[0] as { dataVersion?: string }).dataVersion
  expect(versionOf(await make(visits.key, '2026-01-01'))).toBe(versionOf(built))
  expect((await make(ofDay.key, '2026-01-01')).map(({ status }) => status)).toEqual(['fresh'])
}, 120_000)
