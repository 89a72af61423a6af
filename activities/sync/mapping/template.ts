import { Liquid, type Template } from 'liquidjs'
import type { MappedTemplate } from '../../../orchestrator/contract/index.ts'
import { Unmappable, type CompileContext, type ReadValue } from './value.ts'

/** No files, no endless loops: a template sees its variables and nothing else. */
const liquid = new Liquid({ templates: {}, strictFilters: true, renderLimit: 1_000, memoryLimit: 10_000_000 })

export function compileTemplate({ template, variables }: MappedTemplate, { compile }: CompileContext): ReadValue {
  const parsed: Template[] = liquid.parse(template)
  const read = Object.entries(variables).map(([name, variable]) => [name, compile(variable)] as const)
  return (rendering) => {
    const scope: Record<string, unknown> = {}
    for (const [name, value] of read) scope[name] = value(rendering)
    try {
      return String(liquid.renderSync(parsed, scope))
    } catch {
      throw new Unmappable('TEMPLATE_FAILED', 'could not be rendered from its template')
    }
  }
}
