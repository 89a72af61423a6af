import { z } from 'zod'
import { escapeHtml, markdownHtml } from './markdown.ts'
import { sanitiseHtml } from './sanitise.ts'

const lines = z
  .union([z.string(), z.array(z.string())])
  .transform((text) => (typeof text === 'string' ? text : text.join('')))

const output = z.looseObject({
  output_type: z.string(),
  name: z.string().optional(),
  text: lines.optional(),
  data: z.record(z.string(), z.unknown()).optional(),
  ename: z.string().optional(),
  evalue: z.string().optional(),
  traceback: z.array(z.string()).optional(),
})

/** nbformat 4, as far as it is shown. */
const notebook = z.looseObject({
  cells: z.array(
    z.looseObject({
      cell_type: z.string(),
      source: lines,
      execution_count: z.number().nullish(),
      outputs: z.array(output).optional(),
    }),
  ),
})

type Output = z.infer<typeof output>

/**
 * An executed notebook as a page of its own. Nothing that it holds can run or load anything: code and texts are
 * escaped, HTML is reduced to formatted text, and the page is served with a policy that allows neither.
 *
 * Throws if it is no notebook.
 */
export function notebookHtml(json: string, title: string): string {
  const { cells } = notebook.parse(JSON.parse(json))
  const body = cells.map((cell) => {
    if (cell.cell_type === 'markdown') return `<section>${markdownHtml(cell.source)}</section>`
    if (cell.cell_type !== 'code') return `<section><pre>${escapeHtml(cell.source)}</pre></section>`
    const count = cell.execution_count ?? ' '
    const outputs = (cell.outputs ?? []).map(outputHtml).join('\n')
    return `<section><pre class="code"><span class="count">[${count}]</span> ${escapeHtml(cell.source)}</pre>${outputs}</section>`
  })
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title><style>${style}</style></head>
<body><h1 class="title">${escapeHtml(title)}</h1>
${body.join('\n')}
</body></html>
`
}

function outputHtml(shown: Output): string {
  if (shown.output_type === 'stream') {
    return `<pre class="${shown.name === 'stderr' ? 'error' : 'output'}">${plain(shown.text ?? '')}</pre>`
  }
  if (shown.output_type === 'error') {
    const told = shown.traceback?.join('\n') ?? `${shown.ename}: ${shown.evalue}`
    return `<pre class="error">${plain(told)}</pre>`
  }
  for (const [type, render] of renderers) {
    const data = lines.safeParse(shown.data?.[type])
    const html = data.success ? render(data.data) : null
    if (html !== null) return html
  }
  const types = Object.keys(shown.data ?? {}).join(', ')
  return `<p class="left-out">not shown: ${escapeHtml(types === '' ? shown.output_type : types)}</p>`
}

/** The first that there is and that can be shown. */
const renderers: readonly (readonly [type: string, render: (data: string) => string | null])[] = [
  ['image/png', (data) => image('png', data)],
  ['image/jpeg', (data) => image('jpeg', data)],
  ['text/html', (data) => `<div class="output">${sanitiseHtml(data)}</div>`],
  ['text/markdown', (data) => `<div class="output">${markdownHtml(data)}</div>`],
  ['text/plain', (data) => `<pre class="output">${plain(data)}</pre>`],
]

function image(type: string, data: string): string | null {
  const base64 = data.replaceAll(/\s/g, '')
  return /^[A-Za-z0-9+/]+={0,2}$/.test(base64) ? `<img alt="" src="data:image/${type};base64,${base64}">` : null
}

function plain(text: string): string {
  return escapeHtml(text.replaceAll(/\u001b\[[0-9;]*[A-Za-z]/g, ''))
}

const style = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
section { margin: 1rem 0; }
pre { margin: 0; overflow-x: auto; padding: .6rem .8rem; font: 13px/1.45 ui-monospace, monospace; white-space: pre-wrap; }
.code { background: color-mix(in srgb, currentColor 7%, transparent); border-radius: 6px; }
.count, .left-out { opacity: .6; }
.output, .error { margin-top: .4rem; }
div.output { overflow-x: auto; }
.error { color: #c0392b; }
table { border-collapse: collapse; font-size: 13px; }
th, td { border: 1px solid color-mix(in srgb, currentColor 20%, transparent); padding: .2rem .5rem; text-align: right; }
img { max-width: 100%; }
`
