import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { packageRoot } from '../../orchestrator/process/index.ts'

/** Where a page of docs/ is. */
export function pagePath(name: string): string {
  return join(packageRoot(), 'docs', name)
}

/** A generated page as the formatter would leave it. */
export async function page(name: string, parts: readonly string[]): Promise<string> {
  const filepath = pagePath(name)
  return format(parts.join('\n\n'), { ...(await resolveConfig(filepath)), filepath })
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
