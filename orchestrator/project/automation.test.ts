import { expect, test } from 'vitest'
import { tempDir } from '../../test/harness/temp.ts'
import {
  automation,
  entity,
  project,
  source,
  sql,
  trait,
  webhookTrigger,
  sensor,
  type Project,
} from '../define/index.ts'
import { compileProject } from './index.ts'

const { eager, failed, inProgress, missing, onCron, quietFor, checkFailed, anyDeps } = automation
type Automation = ReturnType<typeof eager>

const of = (people: Automation | undefined, ok: Automation | undefined): Project => {
  const table = source('people', {
    ...{ table: 'raw.people', columns: { id: 'text' } },
    ...(people !== undefined && { automation: people }),
  })
  const person = entity('person', { key: 'id', population: table })
  const from = sql`select id, true as value from ${table}`
  return project('shop', {
    assets: [trait.boolean('ok', { of: person, from, ...(ok !== undefined && { automation: ok }) })],
  })
}

async function problemsOf(definitions: Project): Promise<string[]> {
  const compiled = compileProject({
    ...{ dir: await tempDir(), definitions, dbt: () => Promise.reject(new Error('no dbt')) },
  })
  const error: unknown = await compiled.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  return error === null
    ? []
    : (error as Error).message
        .split('\n')
        .slice(1)
        .map((line) => line.trim())
}

test('a condition that nothing can ever make start something is refused, with the place and the fix', async () => {
  const refused = [
    failed(),
    automation.not(missing()),
    anyDeps(checkFailed()),
    inProgress().or(failed()),
    failed().and(automation.not(eager())),
  ]
  for (const condition of refused) {
    const problems = await problemsOf(of(undefined, condition))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^trait\/ok .*automation\.test\.ts:\d+.*nothing can ever start it/)
    expect(problems[0]).toContain('automation.eager()')
  }
  for (const condition of [eager(), failed().and(onCron('0 6 * * *')), anyDeps(missing()).or(failed())]) {
    expect(await problemsOf(of(undefined, condition))).toEqual([])
  }
})

test('a condition on what an asset reads is refused where it reads nothing', async () => {
  for (const condition of [quietFor(10), automation.onUpstreamChange(), anyDeps(missing())]) {
    expect(await problemsOf(of(condition, undefined))).toEqual([
      expect.stringMatching(/^source\/people .*and it reads nothing/) as string,
    ])
  }
})

test('sensors and webhooks that cannot work are refused, each by name', async () => {
  const secret = { $env: 'ORDERS_SECRET' }
  const run = (): { runs: [] } => ({ runs: [] })
  const problems = await problemsOf(
    project('shop', {
      assets: [
        source('people', { table: 'raw.people', columns: { id: 'text' } }),
        sensor('often', { every: '1s', run }),
        webhookTrigger('neither', { secret }),
        webhookTrigger('unknown', { secret, select: 'trait/none' }),
      ],
    }),
  )
  expect(problems.filter((line) => line.startsWith('sensor often'))[0]).toContain('it is asked every 1 s')
  expect(problems.filter((line) => line.startsWith('webhook neither'))[0]).toContain('either select or run')
  expect(problems.filter((line) => line.startsWith('webhook unknown'))[0]).toContain('"trait/none" does not fit')
})
