import { Client } from 'pg'
import { expect, test } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import type { Pool, RunPage } from '../../orchestrator/server/api.ts'
import { runCli, startCli } from './cli.ts'
import { stackOf, tempHome } from './home.ts'
import { workerOf } from './processes.ts'
import { writeProject } from './project.ts'

const traits = 12

const definitions = `import { csv, entity, project, source, sql, trait } from 'traitline'
const people = source('people', { table: 'raw.people', columns: { id: 'text' }, load: csv('people.csv') })
const person = entity('person', { key: 'id', population: people })
const slow = (at: number) =>
  trait.boolean('t' + at, {
    of: person,
    from: sql\`select id, (select sum(a.range * b.range) from range(15000) a, range(15000) b) > 0 as value from \${people}\`,
    pools: ['narrow'],
  })
export default project('queue', {
  assets: Array.from({ length: ${traits} }, (_, at) => slow(at)),
  pools: { narrow: 2 },
})
`

/** How many of a run's traits were at work at once, at most, by the record. */
async function mostAtOnce(databaseUrl: string, run: string): Promise<number> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const { rows } = await client.query<{ most: number }>(
      `with work as (
        select started_at, ended_at from traitline.run_asset join traitline.asset on asset.id = asset_id
        where run = $1 and key like 'trait/%'
      )
      select max((select count(*) from work other where other.started_at <= work.started_at
        and other.ended_at > work.started_at))::int as most from work`,
      [run],
    )
    return rows[0]?.most ?? 0
  } finally {
    await client.end()
  }
}

test(
  'a pool holds and leaks nothing while a worker is killed; runs are tagged, done again and cancelled',
  { timeout: 300_000 },
  async () => {
    const home = await tempHome()
    const dir = await writeProject({ 'traitline.ts': definitions, 'people.csv': 'id\na\nb\n' })
    const dev = await startCli(['dev', '--project', dir], { home })
    await dev.line(/^ {2}Traitline +(\S+)/)
    const traitline = async (...args: readonly string[]) => runCli(args, { home })
    const pool = async (): Promise<Pool | undefined> => {
      const { items } = JSON.parse((await traitline('pools', '--json')).stdout) as { readonly items: readonly Pool[] }
      return items.find((one) => one.pool === 'narrow')
    }

    const tags = ['--tag', 'team=growth', '--priority', '2']
    const materialize = await startCli(['materialize', '*', ...tags], { home })
    await materialize.line(/^ +\S+ +trait\/t\d+/)
    expect((await pool())?.slots).toBe(2)
    process.kill((await workerOf(dev.process.pid)) as number, 'SIGKILL')
    await materialize.line(/^run \S+ succeeded/, 200_000)
    expect(await pool()).toMatchObject({ slots: 2, held: [], waiting: [] })

    const tagged = JSON.parse((await traitline('runs', '--tag', 'team=growth', '--json')).stdout) as RunPage
    expect(tagged.items).toMatchObject([{ tags: { team: 'growth' }, priority: 2, status: 'succeeded' }])
    expect((await traitline('runs', '--tag', 'team=other', '--json')).stdout).toContain('"items": []')
    const { run } = tagged.items[0] as RunPage['items'][number]
    expect(await mostAtOnce((await stackOf(home)).databaseUrl, run)).toBe(2)

    expect((await traitline('rerun', run)).stderr).toMatch(/^error RERUN_EMPTY: every asset of run/)
    expect((await traitline('pools', 'set', 'narrow', '0')).code).toBe(0)
    const again = (await traitline('rerun', run, '--from', 'start', '--no-wait')).lines.at(-1) as string
    await eventually(async () => ((await pool())?.waiting.length ?? 0) > 0)
    expect(await pool()).toMatchObject({ slots: 0, held: [] })
    expect((await traitline('cancel', again)).stdout).toMatch(new RegExp(`run ${again} cancelled`))
    expect(await pool()).toMatchObject({ held: [], waiting: [] })
    const rerun = JSON.parse((await traitline('runs', 'show', again, '--json')).stdout) as { readonly parent: string }
    expect(rerun).toMatchObject({ parent: run, tags: { team: 'growth' }, priority: 2 })

    dev.interrupt()
    expect((await dev.end()).code).toBe(0)
  },
)
