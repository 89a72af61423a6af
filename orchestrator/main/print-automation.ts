import type { AssetKey, AutomationNode, AutomationOutcome } from '../contract/index.ts'
import type { Paint, Terminal } from './terminal/terminal.ts'

const paints: Readonly<Record<AutomationOutcome, Paint>> = { requested: 'green', waiting: 'yellow', idle: 'dim' }

interface Decision {
  readonly asset: AssetKey
  readonly outcome: AutomationOutcome
  readonly summary: string
  readonly run?: string | null
}

/** One line an asset. */
export function printDecisions(terminal: Terminal, decisions: readonly (Decision & { readonly at?: string })[]): void {
  const width = Math.max(0, ...decisions.map(({ asset }) => asset.length))
  for (const { asset, outcome, summary, run, at } of decisions) {
    const when = at === undefined ? '' : `${at}  `
    const into = outcome === 'requested' && run != null ? `  run ${run}` : ''
    terminal.line(
      `${when}${asset.padEnd(width)}  ${terminal.paint(paints[outcome], outcome.padEnd(9))}  ${summary}${into}`,
    )
  }
}

/** Each condition with whether it holds and why, what is in it below it. */
export function printTree(terminal: Terminal, node: AutomationNode, indent = ''): void {
  const mark = node.holds ? terminal.paint('green', '✓') : terminal.paint('red', '✗')
  const subject = node.asset === undefined ? '' : `${node.asset}: `
  terminal.line(`${indent}${mark} ${subject}${node.condition}  ${terminal.paint('dim', node.reason)}`)
  for (const part of node.of ?? []) printTree(terminal, part, `${indent}  `)
  if (node.more !== undefined) terminal.line(`${indent}  and ${node.more} more`)
}
