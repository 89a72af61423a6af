import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../../orchestrator/process/index.ts'
import { tempDir } from '../harness/temp.ts'
import { runCli, startCli, type Cli } from './cli.ts'
import { tempHome } from './home.ts'

test('two homes run side by side; a home runs one stack', { timeout: 180_000 }, async () => {
  const project = await smallProject()
  const [one, other] = await Promise.all([tempHome(), tempHome()])
  const start = (home: string): Promise<Cli> => startCli(['dev', '--project', project], { home })
  const [first, early, second] = await Promise.all([start(one), start(one), start(other)])

  // Two that start on one home at once: one of them is told so, before it touches anything.
  const refused = await Promise.race([first, early].map(async (cli) => ({ cli, end: await cli.end() })))
  expect(refused.end.code).toBe(2)
  expect(refused.cli.stderr[0]).toMatch(/^error STACK_RUNNING: a stack already runs on .* \(process \d+/)
  const winner = refused.cli === first ? early : first

  const urls = await Promise.all([winner, second].map(urlOf))
  expect(urls[0]).not.toBe(urls[1])
  expect(await Promise.all(urls.map(health))).toEqual([200, 200])

  const third = await runCli(['dev', '--project', project], { home: one })
  expect(third).toMatchObject({ code: 2, stdout: '' })
  expect(third.stderr).toContain(
    `STACK_RUNNING: a stack already runs on ${one} (process ${winner.process.pid}, ${urls[0]})`,
  )
  expect(third.stderr).toContain('fix: Use that one, stop it, or set TRAITLINE_HOME to another folder.')

  for (const home of [one, other]) {
    const run = await runCli(['materialize', 'trait/repeat_buyer', 'source/purchases'], { home })
    expect(run.stdout).toMatch(/run \S+ succeeded in .*: 2 materialized/)
  }
  winner.interrupt()
  expect((await winner.end()).code).toBe(0)
  expect(await health(urls[1] as string)).toBe(200)
  const gone = await runCli(['list'], { home: one })
  expect(gone.stderr).toMatch(/^error STACK_NOT_RUNNING/)
  second.interrupt()
  expect((await second.end()).code).toBe(0)
})

async function urlOf(cli: Cli): Promise<string> {
  const [, url = ''] = await cli.line(/^ {2}Traitline +(\S+)/)
  return url
}

async function health(url: string): Promise<number> {
  return (await fetch(`${url}/healthz`)).status
}

/** The shop's purchases and one trait: neither dbt nor a notebook. */
async function smallProject(): Promise<string> {
  const folder = await tempDir()
  await cp(join(packageRoot(), 'examples/shop/data/cdnow_purchases.csv'), join(folder, 'purchases.csv'))
  await writeFile(
    join(folder, 'traitline.ts'),
    `
import { csv, entity, project, source, sql, trait } from 'traitline'

const purchases = source('purchases', {
  table: 'raw.purchases',
  columns: { customer_id: 'text', purchased_on: 'date', quantity: 'integer', amount: 'number' },
  load: csv('purchases.csv', { dateFormat: '%Y%m%d' }),
})
const customer = entity('customer', { key: 'customer_id', type: 'text' })
const repeatBuyer = trait.boolean('repeat_buyer', {
  of: customer,
  from: sql\`select customer_id, count(*) > 1 as value from \${purchases} group by 1\`,
})
export default project('small', { assets: [purchases, repeatBuyer] })
`,
  )
  return folder
}
