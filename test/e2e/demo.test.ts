import { expect, test } from 'vitest'
import type { Summary } from '../../orchestrator/main/summary.ts'
import { runCli } from './cli.ts'
import { fromWarehouse, slackMessages, tempHome, withDatabase } from './home.ts'

const demo = ['demo', '--exit', '--project', 'examples/shop']

test(
  'the demo materialises everything, and what left agrees with the warehouse one to one',
  { timeout: 400_000 },
  async () => {
    const home = await tempHome()
    const first = await runCli(demo, { home })
    expect(`${first.stderr}${first.stdout}`).not.toMatch(/failed|not run/)
    expect(first.code).toBe(0)
    const summary = JSON.parse(first.lines.at(-1) ?? '') as Summary
    expect(summary).toMatchObject({ status: 'succeeded', postgres: { 'crm.customers': 23_570 } })

    const members = (await fromWarehouse(home, 'select customer_id from traitline_shop.audience_at_risk')).sort()
    expect(members.length).toBeGreaterThanOrEqual(20)
    expect(members.length).toBeLessThanOrEqual(60)
    const crm = await withDatabase(home, 'shop_crm', (query) => query('select customer_id from at_risk_customers'))
    expect(crm.map((row) => row['customer_id']).sort()).toEqual(members)
    const told = (await slackMessages(home)).map(({ text }) => /^Customer (\S+) /.exec(text)?.[1])
    expect(told.sort()).toEqual(members)
    expect(summary).toMatchObject({
      audiences: { at_risk: members.length },
      postgres: { 'crm.at_risk_customers': members.length },
      slack: { '#retention': members.length },
      sent: 2 * members.length + 23_570,
    })

    const second = await runCli(demo, { home })
    expect(second.code).toBe(0)
    expect(second.stdout).toContain('everything is fresh')
    expect(JSON.parse(second.lines.at(-1) ?? '')).toMatchObject({ status: 'succeeded', sent: 0 })
    expect((await slackMessages(home)).length).toBe(members.length)
  },
)
