import { Client } from 'pg'
import { expect, test } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { startCli, type Cli } from './cli.ts'
import { fromWarehouse, slackMessages, stackOf, tempHome, withDatabase } from './home.ts'
import { descendants, processes, workerOf } from './processes.ts'

/** Where a running stack's records are. */
async function recordOf(home: string): Promise<Client> {
  const client = new Client({ connectionString: (await stackOf(home)).databaseUrl })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

async function killWorker(cli: Cli): Promise<void> {
  const worker = await workerOf(cli.process.pid)
  if (worker === undefined) throw new Error('there is no worker to kill')
  process.kill(worker, 'SIGKILL')
}

test(
  'a worker killed while dbt or a notebook runs, and again while messages are sent, leaves nothing twice',
  { timeout: 300_000 },
  async () => {
    const home = await tempHome()
    const cli = await startCli(['demo', '--project', 'examples/shop'], { home })
    await cli.line(/^revision 1 of shop/)

    const record = await recordOf(home)
    await eventually(async () => {
      const { rowCount } = await record.query(
        `select 1 from traitline.run_asset join traitline.asset on asset.id = asset_id
         where status = 'running' and (key like 'model/%' or key like 'notebook/%')`,
      )
      return rowCount !== 0
    })
    await killWorker(cli)
    await cli.line(/the worker was ended by SIGKILL; starting it again/)

    await cli.line(/^ {2}done +sync\/at_risk_to_crm/, 150_000)
    await eventually(async () => (await slackMessages(home).catch(() => [])).length >= 5)
    await record.end()
    await killWorker(cli)
    await cli.line(/^run \S+ succeeded/, 150_000)
    expect(cli.stdout.filter((line) => line.includes('was ended by SIGKILL'))).toHaveLength(2)

    await cli.line(/^Ctrl-C stops everything/)
    const children = (await descendants(cli.process.pid)).map(({ pid }) => pid)
    expect(children.length).toBeGreaterThanOrEqual(3)
    const interrupted = Date.now()
    cli.interrupt()
    await cli.end()
    expect(Date.now() - interrupted).toBeLessThan(15_000)
    await eventually(async () => (await processes()).every(({ pid }) => !children.includes(pid)))
    expect((await processes()).filter(({ commandLine }) => commandLine.includes(home))).toEqual([])
    expect(cli.stderr.join('\n')).toBe('')

    const members = (await fromWarehouse(home, 'select customer_id from traitline_shop.audience_at_risk')).sort()
    expect(members.length).toBeGreaterThanOrEqual(20)
    const crm = await withDatabase(home, 'shop_crm', (query) => query('select customer_id from at_risk_customers'))
    expect(crm.map((row) => row['customer_id']).sort()).toEqual(members)

    const [materializations, syncs] = await withDatabase(home, 'traitline', async (query) => [
      await query(
        `select key, count(materialization.id)::int as times
         from traitline.asset left join traitline.materialization on asset_id = asset.id group by key`,
      ),
      await query(
        `select accepted::int, unknown::int, rejected::int, skipped::int
         from traitline.sync_run join traitline.asset on asset.id = asset_id where key = 'sync/at_risk_to_slack'`,
      ),
    ])
    expect(materializations.length).toBeGreaterThan(15)
    expect(materializations.filter(({ times }) => times !== 1)).toEqual([])

    const told = (await slackMessages(home)).map(({ text }) => /^Customer (\S+) /.exec(text)?.[1] ?? text)
    expect(new Set(told).size).toBe(told.length)
    expect(members).toEqual(expect.arrayContaining(told))
    expect(syncs).toHaveLength(1)
    const { accepted, unknown, ...others } = syncs[0] as Record<'accepted' | 'unknown' | 'rejected' | 'skipped', number>
    expect(others).toEqual({ rejected: 0, skipped: 0 })
    expect(accepted + unknown).toBe(members.length)
    // One whose answer was lost with the worker may have arrived: that is what unknown says.
    expect(told.length).toBeGreaterThanOrEqual(accepted)
    expect(told.length).toBeLessThanOrEqual(accepted + unknown)
    expect(unknown).toBeLessThanOrEqual(1)
  },
)
