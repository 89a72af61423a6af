import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import type { AxeResults } from 'axe-core'

const source = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** What axe finds against WCAG 2.2 AA on the page as it is, or against some rules alone, in one line a violation. */
export async function violations(page: Page, rules?: readonly string[]): Promise<string[]> {
  await page.evaluate(await source)
  const only = rules === undefined ? { type: 'tag', values: standards } : { type: 'rule', values: rules }
  const results = (await page.evaluate(`window.axe.run({ runOnly: ${JSON.stringify(only)} })`)) as AxeResults
  return results.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(
      (node) => `${id}: ${help}: ${node.target.join(' ')}: ${node.failureSummary?.split('\n')[1]?.trim() ?? ''}`,
    ),
  )
}
