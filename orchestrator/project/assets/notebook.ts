import { z } from 'zod'
import type { JsonObject, NotebookSpec } from '../../contract/index.ts'
import type { Notebook } from '../../define/notebook.ts'
import { keyOf } from '../collect.ts'
import { refuseVariables } from '../variables.ts'
import { baseSpec, ownRelation, type Context, type Draft } from '../context.ts'

/** nbformat 4, as far as it decides what a notebook does. */
const notebookFile = z.object({
  metadata: z.object({ kernelspec: z.object({ name: z.string().min(1) }).optional() }),
  cells: z.array(z.object({ cell_type: z.string(), source: z.union([z.string(), z.array(z.string())]) })),
})

export function compileNotebook(notebook: Notebook, context: Context): Draft<NotebookSpec> {
  const file = readNotebook(notebook, context)
  const { keyColumn, keyType } = notebook.entity
  const outputs = notebook.columns.filter(({ name }) => name !== keyColumn)
  if (outputs.length === 0) context.report(notebook, 'it has no output', 'Declare the columns that it hands back')
  for (const { name, type } of outputs) {
    if (type === 'json') context.report(notebook, `its output ${name} is json`, 'Hand back one column a value')
  }
  const parameters = context.resolve(notebook, notebook.parameters) as JsonObject
  refuseVariables(notebook, 'parameters', parameters, 'Hand it over with a resource', context)
  const resources = Object.fromEntries(Object.entries(notebook.resources).map(([as, { name }]) => [as, name]))
  const spec = {
    ...baseSpec('notebook', notebook, context, Object.values(notebook.inputs).map(keyOf), notebook.columns),
    relation: ownRelation('notebook', notebook, context),
    path: notebook.path,
    entity: notebook.entity.name,
    inputs: Object.fromEntries(Object.entries(notebook.inputs).map(([name, table]) => [name, keyOf(table)])),
    parameters,
    ...(Object.keys(resources).length > 0 && { resources }),
    kernel: notebook.kernel ?? file?.kernel ?? 'python3',
    timeoutSeconds: notebook.timeoutSeconds,
  }
  return {
    spec,
    content: {
      code: file?.code ?? [],
      relation: spec.relation,
      inputs: spec.inputs,
      parameters: spec.parameters,
      kernel: spec.kernel,
      // Which it uses decides what it does; what they are in an environment does not.
      ...(spec.resources && { resources: spec.resources }),
      key: { keyColumn, keyType },
      output: outputs.map(({ name, type }) => ({ name, type })),
      asOf: context.settings.asOf,
      timeZone: context.settings.timeZone,
    },
  }
}

/** Its kernel and the source of its code cells: neither outputs nor prose change what it hands back. */
function readNotebook(notebook: Notebook, context: Context): { kernel: string | null; code: string[] } | null {
  const text = context.readText(notebook.path)
  if (text === null) {
    const fix = 'Paths are relative to the folder of traitline.ts'
    context.report(notebook, `its file ${notebook.path} cannot be read`, fix)
    return null
  }
  const parsed = notebookFile.safeParse(parseJson(text))
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const place = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`
    context.report(notebook, `${notebook.path} is no notebook of nbformat 4${place}`, 'Save it again with Jupyter')
    return null
  }
  const { cells, metadata } = parsed.data
  if (metadata.kernelspec === undefined) {
    const fix = 'Open it with Jupyter, choose a kernel and save it'
    context.report(notebook, `${notebook.path} does not say which kernel runs it (metadata.kernelspec)`, fix)
  }
  const code = cells
    .filter((cell) => cell.cell_type === 'code')
    .map(({ source }) => (typeof source === 'string' ? source : source.join('')))
  return { kernel: metadata.kernelspec?.name ?? null, code }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
