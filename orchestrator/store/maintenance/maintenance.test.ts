import { Client } from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { freshStore, materializationOf, plannedRun, scope, stepInput } from '../../../test/store/fresh-store.ts'
import type { AssetKey } from '../../contract/index.ts'
import type { Store } from '../index.ts'

const retention = { eventsDays: 400, logsDays: 30 }

async function connected(url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

async function count(client: Client, query: string): Promise<number> {
  const { rows } = await client.query<{ count: string }>(`select count(*) as count from ${query}`)
  return Number(rows[0]?.count)
}

async function ended(store: Store, run: string, key: AssetKey): Promise<void> {
  await plannedRun(store, run, [key])
  await store.logs.append({
    scope,
    run,
    step: key,
    lines: [{ at: '2026-01-31T10:00:00.000Z', stream: 'stdout', text: 'said' }],
  })
  await store.assets.recordMaterialization(stepInput(run, key), materializationOf(key), null)
  await store.runs.finish(run, 'succeeded', null)
}

/** A month's partition of long ago, with an event of a run in it. */
async function oldMonth(client: Client, month: string, run: string): Promise<void> {
  const name = `traitline.event_${month.replace('-', '_')}`
  await client.query(`
    create table ${name} partition of traitline.event
      for values from ('${month}-01 00:00+00') to (('${month}-01 00:00+00'::timestamptz + interval '1 month'));
    insert into traitline.event (at, scope_id, run, type, data)
      select '${month}-15 12:00+00', id, '${run}', 'run_started', '{}' from traitline.scope`)
}

test('old logs and old months go, what is younger or under way stays, and again there is nothing to do', async () => {
  const { store, url } = await freshStore()
  const client = await connected(url)
  await ended(store, 'old', 'trait/a')
  await ended(store, 'new', 'trait/b')
  await plannedRun(store, 'open', ['trait/c'])
  await store.logs.append({
    scope,
    run: 'open',
    step: 's',
    lines: [{ at: '2020-01-01T00:00:00Z', stream: 'stdout', text: 'x' }],
  })
  await client.query(`update traitline.run set ended_at = now() - interval '31 days' where id = 'old'`)
  await oldMonth(client, '2020-03', 'old')
  const recent = new Date(Date.now() - 100 * 86_400_000).toISOString().slice(0, 7)
  await oldMonth(client, recent, 'new')
  const materializations = await count(client, 'traitline.materialization')

  expect(await store.maintenance.prune(scope, retention)).toEqual({ months: ['2020-03'], logs: 1 })
  expect(await store.logs.steps('old')).toEqual([])
  expect(await store.logs.steps('new')).toEqual(['trait/b'])
  expect(await store.logs.steps('open')).toEqual(['s'])
  expect(await count(client, `traitline.event where at < '2020-04-01'`)).toBe(0)
  expect(await count(client, `traitline.event where run = 'new' and at < now() - interval '60 days'`)).toBe(1)
  // What an asset was and is stays known: only the log of how it came to be is shorter.
  expect(await count(client, 'traitline.materialization')).toBe(materializations)
  expect(await store.assets.status(scope, 'trait/a')).toMatchObject({ status: 'materialized', run: 'old' })
  expect(await store.maintenance.prune(scope, retention)).toEqual({ months: [], logs: 0 })
})

test('a month stays for as long as any project of the database wants it', async () => {
  const { store, url } = await freshStore()
  const client = await connected(url)
  await ended(store, 'r', 'trait/a')
  const other = { ...scope, project: 'other' }
  await store.assets.register(other, [])
  await store.maintenance.prune(other, { ...retention, eventsDays: 99_000 })
  await oldMonth(client, '2020-03', 'r')
  expect((await store.maintenance.prune(scope, retention)).months).toEqual([])
  await store.maintenance.prune(other, retention)
  expect(await count(client, `traitline.event where at < '2020-04-01'`)).toBe(0)
})

test('events are appended and read while months go, none is lost, and two rounds at once do not meet', async () => {
  const { store, url } = await freshStore()
  const client = await connected(url)
  await ended(store, 'r', 'trait/a')
  for (const month of ['2020-01', '2020-02', '2020-03', '2020-04']) await oldMonth(client, month, 'r')
  const before = await store.events.lastSequence()
  const append = async (writer: number): Promise<void> => {
    for (let at = 0; at < 50; at++) {
      await store.events.append({ scope, run: 'r', asset: null, type: 'log', data: { writer, at } })
    }
  }
  const [, , , first, second] = await Promise.all([
    append(1),
    append(2),
    append(3),
    store.maintenance.prune(scope, retention),
    store.maintenance.prune(scope, retention),
  ])
  const last = await store.maintenance.prune(scope, retention)
  const dropped = [...new Set([first, second, last].flatMap(({ months }) => months))].sort()
  expect(dropped).toEqual(['2020-01', '2020-02', '2020-03', '2020-04'])
  expect(await store.events.after(before, { run: 'r' }, 1_000)).toHaveLength(150)
})

test('what a run costs the database is known, and small', async () => {
  const { store, url } = await freshStore()
  const client = await connected(url)
  const keys = Array.from({ length: 100 }, (_, at): AssetKey => `trait/asset_of_a_usual_name_${at}`)
  const size = async (): Promise<number> => {
    await client.query('vacuum full traitline.event_default')
    const { rows } = await client.query<{ size: string }>(`
      select sum(pg_total_relation_size(relid)) as size from pg_stat_user_tables
      where schemaname = 'traitline' and relname ~ '^(event|run|run_asset|plan_page|materialization|check_result|log_)'`)
    return Number(rows[0]?.size)
  }
  const events = async (): Promise<number> => count(client, 'traitline.event')
  const run = async (id: string): Promise<void> => {
    await plannedRun(store, id, keys)
    for (const key of keys) {
      await store.assets.startStep(stepInput(id, key), [key], 1)
      await store.assets.recordMaterialization(stepInput(id, key), materializationOf(key), null)
    }
    await store.runs.finish(id, 'succeeded', null)
  }
  await run('warm')
  const [bytes, lines] = [await size(), await events()]
  const runs = 5
  for (let at = 0; at < runs; at++) await run(`r${at}`)
  const perAsset = ((await size()) - bytes) / runs / keys.length
  const eventsPerAsset = ((await events()) - lines) / runs / keys.length
  const { rows } = await client.query<{ size: string }>(`
    select sum(pg_total_relation_size(relid)) as size from pg_stat_user_tables
    where schemaname = 'traitline' and relname ~ '^event'`)
  const ofEvents = Number(rows[0]?.size) / (runs + 1) / keys.length
  console.log(
    `an asset of a run takes ${perAsset.toFixed(0)} bytes, ${ofEvents.toFixed(0)} of them in the event log, in ${eventsPerAsset.toFixed(1)} events`,
  )
  expect(eventsPerAsset).toBeLessThanOrEqual(3.1)
  expect(ofEvents).toBeLessThan(4_000)
  expect(perAsset).toBeLessThan(8_000)
})
