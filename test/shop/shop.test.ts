import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readPurchasesCsv, writeEventsCsv } from '../../orchestrator/generator/index.ts'
import { packageRoot } from '../../orchestrator/process/index.ts'
import { freshDatabase } from '../harness/postgres.ts'
import { pythonBin } from '../harness/python.ts'
import { shopInDuckDb, shopInPostgres, type ShopWarehouse } from './raw.ts'

const run = promisify(execFile)
const shop = join(packageRoot(), 'examples/shop')
const purchases = join(shop, 'data/cdnow_purchases.csv')
const asOf = '1998-07-01T00:00:00.000Z'
const cdnow = { rows: 69_659, customers: 23_570, cents: 250_031_563 }

let folder: string
let events: string

beforeAll(async () => {
  folder = await mkdtemp('/var/tmp/traitline-shop-')
  events = join(folder, 'events.csv')
  await writeEventsCsv(events, { purchases: readPurchasesCsv(purchases), events: 60_000, seed: 4, until: '1998-07-01' })
})

afterAll(() => rm(folder, { recursive: true, force: true }))

test('the purchases are CDNOW’s, equal rows kept', async () => {
  const [header, ...lines] = (await readFile(purchases, 'utf8')).trimEnd().split('\n')
  expect(header).toBe('customer_id,purchased_on,quantity,amount')
  expect(lines.every((line) => /^\d{5},199[78]\d{4},\d+,\d+\.\d\d$/.test(line))).toBe(true)
  expect(new Set(lines).size).toBe(cdnow.rows - 255)
  expect({
    rows: lines.length,
    customers: new Set(lines.map((line) => line.slice(0, 5))).size,
    cents: lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(',') + 1).replace('.', '')), 0),
  }).toEqual(cdnow)
})

/** Runs `dbt build` outside of the project's folder, and answers how many nodes ended in which way. */
async function dbtBuild(warehouse: ShopWarehouse, place: string, now: string): Promise<Record<string, number>> {
  await mkdir(place)
  const profile = { traitline: { target: 'test', outputs: { test: warehouse.target } } }
  await writeFile(join(place, 'profiles.yml'), JSON.stringify(profile), { mode: 0o600 })
  const folders = ['--project-dir', join(shop, 'dbt'), '--profiles-dir', place]
  const kept = ['--target-path', join(place, 'target'), '--log-path', join(place, 'logs')]
  const vars = ['--vars', JSON.stringify({ traitline_as_of: now })]
  await run(pythonBin('dbt'), ['--no-send-anonymous-usage-stats', 'build', ...folders, ...kept, ...vars])
  const { results } = JSON.parse(await readFile(join(place, 'target/run_results.json'), 'utf8')) as {
    results: { status: string }[]
  }
  const counts: Record<string, number> = {}
  for (const { status } of results) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

interface Comparison {
  readonly rows: number
  readonly expected: number
  readonly in_both: number
  readonly different: Readonly<Record<string, number>>
}

async function compareWithPandas(place: string): Promise<Record<string, Comparison>> {
  const program = join(packageRoot(), 'test/shop/expected.py')
  const { stdout } = await run(pythonBin('python'), [program, purchases, events, place])
  return JSON.parse(stdout) as Record<string, Comparison>
}

/** Several processes start one after another: on a busy machine that takes its time. */
const patience = 180_000

describe.each(['duckdb', 'postgres'])('on %s', { timeout: patience }, (kind) => {
  test('dbt’s models and tests pass, and every value is what pandas computes from the files', async () => {
    const place = join(folder, kind)
    const database = kind === 'postgres' ? await freshDatabase() : null
    const warehouse = database === null ? shopInDuckDb(join(folder, 'warehouse.duckdb')) : shopInPostgres(database.url)
    await warehouse.load({ purchases, events })
    expect(await dbtBuild(warehouse, place, asOf)).toEqual({ success: 6, pass: 33 })
    await warehouse.export(['customers', 'monthly_revenue', 'browsing', 'identities'], place)
    const { totals, ...models } = await compareWithPandas(place)
    expect(totals).toEqual({ rows: cdnow.rows, cents: cdnow.cents })
    expect(models['customers']?.rows).toBe(cdnow.customers)
    expect(models['monthly_revenue']?.rows).toBe(18)
    for (const model of Object.values(models)) {
      expect(model.rows).toBeGreaterThan(0)
      expect(model).toMatchObject({ expected: model.rows, in_both: model.rows })
      expect(Object.entries(model.different).filter(([, count]) => count > 0)).toEqual([])
    }
    await database?.drop()
  })
})

interface NotebookRun {
  readonly metrics: Readonly<Record<string, number>>
  readonly rows: readonly (readonly string[])[]
}

/** Executes the notebook with the helper, as a worker would, against the DuckDB file of the test before. */
async function runNotebook(place: string): Promise<NotebookRun> {
  await mkdir(place)
  const files = { outputFile: join(place, 'output.csv'), metricsFile: join(place, 'metrics.json') }
  const context = {
    dialect: 'duckdb',
    inputs: { purchases: { schema: 'raw', name: 'purchases' } },
    asOf,
    timeZone: 'America/New_York',
    parameters: {},
    key: { name: 'customer_id', type: 'text' },
    columns: [
      { name: 'churn_propensity', type: 'number' },
      { name: 'predicted_value_90d', type: 'number' },
    ],
    ...files,
  }
  await writeFile(join(place, 'context.json'), JSON.stringify(context))
  const env = {
    PATH: process.env['PATH'],
    HOME: place,
    PYTHONPATH: join(packageRoot(), 'activities/python/traitline_notebook'),
    TRAITLINE_NOTEBOOK_CONTEXT: join(place, 'context.json'),
    TRAITLINE_NOTEBOOK_WAREHOUSE: join(folder, 'warehouse.duckdb'),
  }
  const notebook = ['-m', 'papermill', join(shop, 'notebooks/churn.ipynb'), join(place, 'executed.ipynb')]
  await run(pythonBin('python'), [...notebook, '--no-progress-bar'], { env })
  const lines = (await readFile(files.outputFile, 'utf8')).trimEnd().split('\n')
  return {
    metrics: JSON.parse(await readFile(files.metricsFile, 'utf8')) as NotebookRun['metrics'],
    rows: lines.slice(1).map((line) => line.replaceAll('"', '').split(',')),
  }
}

test(
  'the notebook predicts for everyone, beats its baselines on a period it has not seen, and repeats itself',
  { timeout: patience },
  async () => {
    const { metrics, rows } = await runNotebook(join(folder, 'notebook'))
    expect(rows).toHaveLength(cdnow.customers)
    expect(rows.every(([, churn]) => Number(churn) >= 0 && Number(churn) <= 1)).toBe(true)
    expect(rows.every(([, , value]) => Number(value) >= 0)).toBe(true)
    expect(metrics['customers_scored']).toBe(cdnow.customers)
    expect(metrics['auc']).toBeGreaterThan(Math.max(0.83, metrics['auc_recency_only'] ?? 1))
    expect(metrics['brier']).toBeLessThan(metrics['brier_recency_only'] ?? 0)
    expect(metrics['log_loss']).toBeLessThan(metrics['log_loss_prevalence'] ?? 0)
    expect(metrics['calibration_error']).toBeLessThan(0.03)
    expect(metrics['value_mae']).toBeLessThan(
      Math.min(metrics['value_mae_mean'] ?? 0, metrics['value_mae_last_period'] ?? 0),
    )
    expect(metrics['value_rmse']).toBeLessThan(
      Math.min(metrics['value_rmse_mean'] ?? 0, metrics['value_rmse_last_period'] ?? 0),
    )
    expect(await runNotebook(join(folder, 'notebook-again'))).toEqual({ metrics, rows })
  },
)
