import type { AssetLineage, ColumnLineage } from '../server/api.ts'
import type { Terminal } from './terminal/terminal.ts'

export function printAssetLineage(terminal: Terminal, view: AssetLineage): void {
  const { line, paint } = terminal
  const [start, ...others] = view.nodes
  line(paint('bold', view.asset))
  const part = (title: string, upstream: boolean): void => {
    const nodes = others.filter((node) => node.upstream === upstream)
    if (nodes.length > 0) line(title)
    for (const node of nodes)
      line(`${'  '.repeat(node.depth)}${node.asset}${node.opaque ? paint('dim', ' (opaque)') : ''}`)
  }
  part('is made of', true)
  part('and of it are made', false)
  if (start !== undefined && start.columns.length > 0) line(`columns: ${start.columns.join(', ')}`)
  for (const node of view.nodes) {
    for (const warning of node.warnings) line(paint('yellow', `${node.asset}: ${warning}`))
  }
  printState(terminal, view.columns)
}

export function printColumnLineage(terminal: Terminal, view: ColumnLineage): void {
  const { line, paint } = terminal
  line(paint('bold', `${view.asset}.${view.column}`))
  printState(terminal, view)
  const part = (title: string, upstream: boolean, direct: boolean): void => {
    const nodes = view.nodes.filter((node) => node.depth > 0 && node.upstream === upstream && node.direct === direct)
    const named = nodes.filter(({ column }) => column !== null)
    if (named.length > 0) line(title)
    for (const node of named) line(`  ${node.asset}.${node.column}${paint('dim', usesText(view, node, upstream))}`)
  }
  part('is made of', true, true)
  part('depends on', true, false)
  part('and of it are made', false, true)
  part('and on it depend', false, false)
  if (view.audiences.length > 0) line(`members of ${view.audiences.join(', ')}`)
  for (const { sync, destination, stream, fields, rows } of view.syncs) {
    const parts = [fields.length > 0 ? `fields ${fields.join(', ')}` : '', rows ? 'which rows are sent' : '']
    line(`${sync} to ${destination} ${stream}: ${parts.filter((text) => text !== '').join('; ') || 'values'}`)
  }
  if (view.truncated) line(paint('yellow', 'there is more: look at it asset by asset'))
}

/** How the node is read, or what reads it: `  aggregation`. */
function usesText(view: ColumnLineage, node: { asset: string; column: string | null }, upstream: boolean): string {
  const uses = view.edges
    .filter((edge) => {
      const end = upstream ? edge.from : edge.to
      return end.asset === node.asset && end.column === node.column
    })
    .flatMap((edge) => edge.uses)
  const words = [...new Set(uses)].map((use) => use.toLowerCase().replace('_', ' '))
  return words.length === 0 ? '' : `  ${words.join(', ')}`
}

function printState({ line, paint }: Terminal, { status, failure }: AssetLineage['columns']): void {
  if (status === 'ready') return
  const why = failure === null ? 'a worker computes it soon after a deployment' : `${failure.message}. ${failure.hint}`
  line(paint('yellow', `the lineage of columns is not there yet: ${why}`))
}
