import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pythonBin } from '../../test/harness/python.ts'
import { tempDir } from '../../test/harness/temp.ts'
import type { AssetKey, AssetSpec, Manifest } from '../contract/index.ts'
import { packageRoot } from '../process/index.ts'
import { compileProject, createDbtParser, diffManifests, loadProject } from './index.ts'

async function copyOfShop(): Promise<string> {
  const dir = join(await tempDir(), 'shop')
  await cp(join(packageRoot(), 'examples/shop'), dir, { recursive: true })
  // The purchases are not needed to compile, but the file is looked for.
  await mkdir(join(dir, 'data'), { recursive: true })
  if (!existsSync(join(dir, 'data/cdnow_purchases.csv'))) await writeFile(join(dir, 'data/cdnow_purchases.csv'), '')
  return dir
}

async function compile(dir: string, home: string, dbtExecutable = pythonBin('dbt')): ReturnType<typeof compileProject> {
  return compileProject({ dir, definitions: await loadProject(dir), dbt: createDbtParser({ dbtExecutable, home }) })
}

async function edit(dir: string, file: string, from: string, to: string): Promise<void> {
  const path = join(dir, file)
  const text = await readFile(path, 'utf8')
  expect(text).toContain(from)
  await writeFile(path, text.replace(from, to))
}

function asset<Kind extends AssetSpec['kind']>(manifest: Manifest, kind: Kind, key: AssetKey) {
  const found = manifest.assets.find((spec) => spec.key === key)
  expect(found?.kind).toBe(kind)
  return found as Extract<AssetSpec, { kind: Kind }>
}

test('the shop compiles with real dbt; an edit changes what it should and nothing else', async () => {
  const dir = await copyOfShop()
  const home = await tempDir()
  const before = await readdir(join(dir, 'dbt'))
  const dbt = join(home, 'dbt-of-the-user')
  await writeFile(dbt, `#!/bin/sh\nexec ${pythonBin('dbt')} "$@"\n`, { mode: 0o755 })
  const { manifest, hash } = await compile(dir, home, dbt)

  expect(manifest).toMatchObject({
    format: 1,
    project: 'shop',
    timeZone: 'America/New_York',
    asOf: '1998-07-01T00:00:00Z',
    schema: 'traitline_shop',
    entities: [{ name: 'customer', key: { column: 'customer_id', type: 'text' }, population: 'model/shop/customers' }],
    dbtProjects: [{ name: 'shop', path: 'dbt', schema: 'dbt_shop' }],
  })
  expect(manifest.destinations.map(({ name, streams }) => [name, streams.map((stream) => stream.name)])).toEqual([
    ['crm', ['at_risk_customers', 'customers']],
    ['team', ['#retention']],
  ])
  const place = new Map(manifest.assets.map(({ key }, index) => [key, index]))
  for (const { key, deps } of manifest.assets) {
    for (const dep of deps) expect(place.get(dep), `${dep} before ${key}`).toBeLessThan(place.get(key) as number)
  }

  const customers = asset(manifest, 'model', 'model/shop/customers')
  expect(customers).toMatchObject({
    relation: { schema: 'dbt_shop', name: 'customers' },
    uniqueId: 'model.shop.customers',
    materialized: 'table',
    definedAt: { file: 'dbt/models/marts/customers.sql', line: 1 },
  })
  expect(customers.columns.find(({ name }) => name === 'lifetime_value')).toMatchObject({ type: 'number' })
  expect(customers.tests.map(({ name }) => name)).toContain('unique_customers_customer_id')
  const relationships = asset(manifest, 'model', 'model/shop/identities').tests.find(
    ({ severity }) => severity === 'warn',
  )
  expect(relationships?.name).toMatch(/^relationships_/)
  expect(asset(manifest, 'model', 'model/shop/stg_purchases').deps).toEqual(['source/purchases'])
  expect(asset(manifest, 'model', 'model/shop/stg_web_events').deps).toEqual(['source/web_events'])
  expect(asset(manifest, 'audience', 'audience/at_risk').deps).toEqual([
    'trait/value_tier',
    'trait/churn_propensity',
    'trait/abandoned_cart',
    'model/shop/customers',
  ])
  expect(asset(manifest, 'trait', 'trait/repeat_buyer')).toMatchObject({
    deps: ['source/purchases'],
    relation: { schema: 'traitline_shop', name: 'trait_repeat_buyer' },
    columns: [
      { name: 'customer_id', type: 'text' },
      { name: 'repeat_buyer', type: 'boolean' },
    ],
  })
  expect(asset(manifest, 'sync', 'sync/at_risk_to_slack')).toMatchObject({
    deps: ['audience/at_risk', 'trait/lifetime_value', 'trait/churn_propensity', 'trait/favourite_genre'],
    destination: 'team',
    stream: '#retention',
    relation: null,
  })
  expect(await readdir(join(dir, 'dbt'))).toEqual(before)

  // Again, with a dbt that only fails: the manifest of an unchanged project is kept.
  await writeFile(dbt, '#!/bin/sh\nexit 1\n')
  const started = performance.now()
  const same = await compile(dir, home, dbt)
  console.log(`the shop compiled again in ${(performance.now() - started).toFixed(0)} ms`)
  expect(same.hash).toBe(hash)

  // A comment above the definitions moves every line, and is no change.
  await edit(dir, 'traitline.ts', 'const purchases =', '// A comment.\n\nconst purchases =')
  expect((await compile(dir, home, dbt)).hash).toBe(hash)

  await edit(dir, 'traitline.ts', "description: 'Days since the last purchase.'", "description: 'Days since then.'")
  await edit(dir, 'traitline.ts', 'lifetimeValue,\n    churn_propensity', 'predictedValue,\n    churn_propensity')
  await edit(dir, 'dbt/models/marts/customers.sql', 'select', 'select distinct\n')
  const changed = await compile(dir, home)
  expect(diffManifests(manifest, changed.manifest)).toEqual({
    added: [],
    removed: [],
    changed: ['model/shop/customers', 'sync/at_risk_to_crm'],
    described: ['trait/recency_days'],
    settings: [],
  })
})

test('what dbt says of a broken model is told, and the other problems too', async () => {
  const dir = await copyOfShop()
  await writeFile(join(dir, 'dbt/models/broken.sql'), 'select * from {{ ref("nobody") }}')
  await edit(dir, 'traitline.ts', "timeZone: 'America/New_York'", "timeZone: 'America/Nowhere'")
  const home = await tempDir()
  const error: unknown = await compile(dir, home).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'PROJECT_INVALID', blame: 'user' })
  const { message } = error as Error
  expect(message).toContain('"America/Nowhere" is no time zone')
  expect(message).toMatch(/dbt shop \(traitline\.ts:\d+\): dbt cannot read the project shop: /)
  expect(message).toContain("depends on a node named 'nobody'")
})

test('a dbt that cannot be started is one clear error', async () => {
  const dir = await copyOfShop()
  await expect(compile(dir, await tempDir(), '/nowhere/dbt')).rejects.toMatchObject({
    code: 'DBT_MISSING',
    message: expect.stringContaining('/nowhere/dbt') as string,
  })
})
