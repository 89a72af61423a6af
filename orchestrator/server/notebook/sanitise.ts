import { escapeHtml } from './markdown.ts'

/** What a table or a formatted text needs. Everything that could load, run or restyle something is not in it. */
const allowed: ReadonlySet<string> = new Set(
  (
    'table thead tbody tfoot tr th td caption colgroup col p br hr div span b i em strong u s sub sup small ' +
    'code pre kbd samp ul ol li dl dt dd blockquote h1 h2 h3 h4 h5 h6'
  ).split(' '),
)
const empty: ReadonlySet<string> = new Set(['br', 'hr', 'col'])
/** Go with all that is in them. */
const dropped = /<(script|style|title|template|noscript|iframe|object|svg|math|textarea)\b[\s\S]*?(?:<\/\1\s*>|$)/gi
const tag = /<(\/?)([a-z][a-z0-9-]*)((?:"[^"]*"|'[^']*'|[^'">])*)>/gi

/**
 * HTML that another program made, with the tags of formatted text alone, none of their attributes but the spans of
 * cells, every tag closed, and all else as text.
 *
 * @example
 * sanitiseHtml('<td onclick="x()" colspan="2">a</td><img src=x onerror=y>') // '<td colspan="2">a</td>'
 */
export function sanitiseHtml(html: string): string {
  const source = html.replace(/<!--[\s\S]*?(?:-->|$)/g, '').replace(dropped, '')
  const open: string[] = []
  const parts: string[] = []
  let position = 0
  for (const match of source.matchAll(tag)) {
    parts.push(text(source.slice(position, match.index)))
    position = match.index + match[0].length
    const [, slash, written = '', attributes = ''] = match
    const name = written.toLowerCase()
    if (!allowed.has(name)) continue
    if (slash === '') {
      parts.push(`<${name}${spans(attributes)}>`)
      if (!empty.has(name)) open.push(name)
    } else if (open.includes(name)) {
      for (let inner = open.pop(); inner !== undefined; inner = open.pop()) {
        parts.push(`</${inner}>`)
        if (inner === name) break
      }
    }
  }
  parts.push(text(source.slice(position)))
  for (const name of open.reverse()) parts.push(`</${name}>`)
  return parts.join('')
}

function spans(attributes: string): string {
  return [...attributes.matchAll(/(?:^|\s)(colspan|rowspan)\s*=\s*["']?(\d{1,4})["']?(?=\s|$)/gi)]
    .map(([, name = '', value = '']) => ` ${name.toLowerCase()}="${value}"`)
    .join('')
}

/** Entities stay what they are. */
function text(source: string): string {
  return source
    .split(/(&(?:[a-z][a-z0-9]{1,31}|#\d{1,7}|#x[0-9a-f]{1,6});)/i)
    .map((part, at) => (at % 2 === 1 ? part : escapeHtml(part)))
    .join('')
}
