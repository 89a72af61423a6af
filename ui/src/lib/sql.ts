import type { AssetKey, SqlTemplate } from '../../../orchestrator/contract/index.ts'

/** SQL as it is shown: pure. */

export type SqlPart =
  | { readonly type: 'text' | 'keyword' | 'string' | 'comment'; readonly text: string }
  | { readonly type: 'ref'; readonly key: AssetKey }

const keywords = new Set(
  (
    'all and as asc between by case cast cross current date desc distinct else end except exists extract false filter first ' +
    'following from full group having in inner intersect interval is join last lateral left like limit not null nulls ' +
    'offset on or order outer over partition preceding range right row rows select table then true unbounded union ' +
    'using values when where window with within'
  ).split(' '),
)

const token = /(--[^\n]*|\/\*[\s\S]*?\*\/)|('(?:[^']|'')*')|([A-Za-z_]\w*)|\u0000(\d+)\u0000/g

/** The template without the indentation that it had in the project's file, in parts to colour and link. */
export function sqlParts(template: SqlTemplate): SqlPart[] {
  const text = dedent(
    template.strings.map((part, at) => (at < template.refs.length ? `${part}\0${at}\0` : part)).join(''),
  )
  const parts: SqlPart[] = []
  let at = 0
  for (const match of text.matchAll(token)) {
    const [whole, comment, string, word, ref] = match
    const key = ref === undefined ? undefined : template.refs[Number(ref)]
    const part: SqlPart | undefined =
      key !== undefined
        ? { type: 'ref', key }
        : comment !== undefined
          ? { type: 'comment', text: comment }
          : string !== undefined
            ? { type: 'string', text: string }
            : word !== undefined && keywords.has(word.toLowerCase())
              ? { type: 'keyword', text: word }
              : undefined
    if (part === undefined) continue
    if (match.index > at) parts.push({ type: 'text', text: text.slice(at, match.index) })
    parts.push(part)
    at = match.index + whole.length
  }
  if (at < text.length) parts.push({ type: 'text', text: text.slice(at) })
  return parts
}

/** The template as one text, its references by key. */
export function sqlText(template: SqlTemplate): string {
  return sqlParts(template)
    .map((part) => (part.type === 'ref' ? part.key : part.text))
    .join('')
}

export function dedent(text: string): string {
  const lines = text
    .replace(/^\s*\n/, '')
    .trimEnd()
    .split('\n')
  const indents = lines.slice(text.startsWith('\n') ? 0 : 1).filter((line) => line.trim() !== '')
  const least = Math.min(...indents.map((line) => line.length - line.trimStart().length))
  if (!Number.isFinite(least)) return lines.join('\n')
  return lines.map((line) => (line.slice(0, least).trim() === '' ? line.slice(least) : line)).join('\n')
}
