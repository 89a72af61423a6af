import { createHmac } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import { expect, test } from 'vitest'
import type { AlertMessage } from '../../orchestrator/contract/index.ts'
import type { AlertList } from '../../orchestrator/server/api.ts'
import { eventually } from '../harness/eventually.ts'
import { mailServer, receiver } from '../stand-ins/alert-receivers.ts'
import { runCli, startCli } from './cli.ts'
import { stackOf, tempHome } from './home.ts'
import { writeProject } from './project.ts'

const planted = 'canary-7f3a'

const soon = 'failAfterMinutes: 0.05'

const project = {
  'people.csv': `email,score\nada@example.com,1\n${planted}@example.com,99\n`,
  'traitline.ts': `
import { alert, audience, csv, email, entity, env, freshWithin, postgres, project, slackWebhook, source, sql, sync, trait, webhook } from 'traitline'

const people = source('people', {
  table: 'raw.people',
  columns: { email: 'text', score: 'integer' },
  load: csv('people.csv'),
})
const scores = source('scores', { table: 'raw.scores', columns: { email: 'text' }, reportedBy: 'others' })
const person = entity('person', { key: 'email', population: people })
const score = trait.continuous('score', { of: person, from: people.column('score') })
const broken = trait.continuous('broken', {
  of: person,
  from: sql\`select email, cast(email as integer) as value from \${people}\`,
})
const everyone = audience('everyone', { of: person, where: score.gte(0) })
const crm = postgres('crm', {
  url: env('CRM_URL'),
  tables: { people: { key: 'email', columns: { email: 'text', score: 'number' } } },
})
const to = { from: everyone, to: crm.table('people'), mode: 'mirror', map: { email: person.key, score } } as const
export default project('told', {
  assets: [scores, broken, sync('to_people', { ...to, freshness: freshWithin({ ${soon} }) })],
  alerts: [
    alert('on_call', {
      on: ['run_failed', 'asset_failed', 'check_failed', 'freshness_late', 'sync_rejected'],
      rejectedOver: { share: 0.1 },
      groupMinutes: 0,
      to: [
        slackWebhook(env('SLACK_ALERTS_URL')),
        webhook(env('ALERTS_URL'), { secret: env('ALERTS_SECRET') }),
        email({ smtp: env('SMTP_URL'), from: 'traitline@example.com', to: ['crm@example.com'] }),
      ],
    }),
  ],
})
`,
}

test(
  'what goes wrong reaches Slack, a webhook and a mailbox, and so does that it is right again',
  { timeout: 300_000 },
  async () => {
    let answer = 200
    const slack = await receiver()
    const hook = await receiver(() => answer)
    const mailbox = await mailServer()
    const env = {
      SLACK_ALERTS_URL: `${slack.url}/services/slack-secret`,
      ALERTS_URL: hook.url,
      ALERTS_SECRET: `whsec_${Buffer.from('a key of some length').toString('base64')}`,
      SMTP_URL: mailbox.url,
    }
    const home = await tempHome()
    const cwd = await writeProject(project)
    const dev = await startCli(['dev'], { home, cwd, env })
    await dev.line(/^Ctrl-C stops everything/)
    const run = (...args: string[]) => runCli(args, { home, cwd })
    const crm = new Client({ connectionString: (await stackOf(home)).variables['CRM_URL'] })
    await crm.connect()
    await crm.query('create table people (email text primary key, score double precision check (score < 50))')

    const messages = (): AlertMessage[] =>
      hook.received.map(({ body }) => (JSON.parse(body) as { data: AlertMessage }).data)
    const told = (status: AlertMessage['status']): string[] =>
      messages()
        .filter((message) => message.status === status)
        .flatMap(({ items }) => items.map(({ cause, asset }) => `${cause} ${asset}`))
    // The sync was never made, and is late soon after it was deployed.
    await eventually(() => told('failed').includes('freshness_late sync/to_people'))
    expect((await run('report', 'source/scores', '--rows', '5', '--failed-check', 'complete')).code).toBe(0)
    await eventually(() => told('failed').includes('check_failed source/scores'))
    expect((await run('materialize', '*')).code).toBe(1)
    await eventually(() => told('failed').includes('run_failed null'))
    expect(told('failed')).toEqual(
      expect.arrayContaining(['asset_failed trait/broken', 'sync_rejected sync/to_people']),
    )
    await eventually(() => told('recovered').includes('freshness_late sync/to_people'))
    // From here on it has time, or it would be late again and again and tell of it in between.
    await writeFile(join(cwd, 'traitline.ts'), project['traitline.ts'].replace(soon, 'failAfterMinutes: 60'))
    expect((await run('deploy')).code).toBe(0)
    const late = (status: AlertMessage['status']): number =>
      told(status).filter((what) => what === 'freshness_late sync/to_people').length
    await eventually(() => late('failed') === late('recovered'))

    await crm.query('alter table people drop constraint people_score_check')
    await crm.end()
    expect((await run('report', 'source/scores', '--passed-check', 'complete')).code).toBe(0)
    await eventually(() => told('recovered').includes('check_failed source/scores'))
    await run('materialize', 'sync/to_people', '--force')
    await eventually(() => told('recovered').includes('sync_rejected sync/to_people'))

    for (const { headers, body } of hook.received) {
      const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`
      const expected = createHmac('sha256', 'a key of some length').update(signed).digest('base64')
      expect(headers['webhook-signature']).toBe(`v1,${expected}`)
    }
    // A receiver has a message a moment before it is recorded that it has.
    await eventually(async () => /^alerts +nothing waits$/m.test((await run('outbox')).stdout))
    expect([mailbox.mails.length, slack.received.length]).toEqual([messages().length, messages().length])
    const all = JSON.stringify([hook.received.map(({ body }) => body), slack.received, mailbox.mails])
    for (const secret of [planted, 'a key of some length', 'postgres://']) expect(all).not.toContain(secret)

    // The command line: what was sent, a test, what was given up, and sending it again.
    const listed = JSON.parse((await run('alerts', '--json')).stdout) as AlertList
    expect(listed.alerts).toMatchObject([{ name: 'on_call', to: ['slack', 'webhook', 'email'], groupMinutes: 0 }])
    expect(listed.messages.every(({ state }) => state === 'delivered')).toBe(true)
    expect(listed.open.map(({ item }) => item.subject)).toContain('asset:trait/broken')
    expect((await run('alerts')).stdout).toMatch(/^on_call +recovered +webhook +delivered/m)
    const tried = await run('alerts', 'test', 'on_call')
    expect([tried.code, tried.stdout.trim().split('\n')]).toEqual([
      0,
      ['slack  delivered', 'webhook  delivered', 'email  delivered'],
    ])
    expect((await run('outbox')).stdout).toMatch(/^alerts +nothing waits$/m)
    expect((await run('doctor')).stdout).toMatch(/^ok +outbox alerts of told: nothing waits$/m)

    answer = 410
    const refused = await run('alerts', 'test', 'on_call')
    expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining('webhook  dead: it answered 410')])
    expect((await run('outbox')).stdout).toMatch(/^alerts +nothing waits; 1 dead; last problem: it answered 410$/m)
    const doctor = await run('doctor')
    expect(doctor.stdout).toMatch(/^warn +outbox alerts .*1 dead.*\n +fix: .*traitline outbox retry --name told$/m)
    answer = 200
    const before = hook.received.length
    expect((await run('outbox', 'retry', '--channel', 'alerts')).stdout.trim()).toBe('one message waits again')
    await eventually(() => hook.received.length > before)
    await eventually(async () => /nothing waits$/m.test((await run('outbox')).stdout))
    expect((await run('outbox', 'retry')).stdout.trim()).toBe('0 messages wait again')
    expect((await run('alerts', 'test', 'nobody')).stderr).toContain('ALERT_NOT_FOUND')
  },
)
