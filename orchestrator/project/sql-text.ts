import type { SqlTemplate, TemplateValue } from '../contract/index.ts'

const jinja = String.raw`\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}`

/** What a query consists of, in this order; templates of dbt may stand anywhere, in quoted text too. */
const token = new RegExp(
  [
    String.raw`(?<gap>(?:\s+|\{#[\s\S]*?#\})+)`,
    String.raw`(?<comment>--[^\n]*|\/\*[\s\S]*?\*\/)`,
    String.raw`(?<kept>${jinja}|[eE]'(?:\\[\s\S]|''|[^'\\])*'|'(?:${jinja}|''|[^'])*'|"(?:${jinja}|""|[^"])*"|(?<dollar>\$[A-Za-z_]*\$)[\s\S]*?\k<dollar>)`,
    String.raw`(?<word>[\p{L}_][\p{L}\p{N}_]*)`,
  ].join('|'),
  'gu',
)

/** Space next to these says nothing. */
const punctuation = / ?([,()=<>+*/;]) ?/g

/**
 * Code without what changes nothing, for hashing: comments, space, and the case of what is not quoted. It is told by
 * tokens alone, so that it is the same with and without a parser, and for SQL that no parser knows.
 */
export function normalizedCode(text: string): string {
  // What is kept is set aside, so that space is told from space in it.
  const kept: string[] = []
  const bare = text.replace(token, (whole, ...rest: unknown[]) => {
    const groups = rest.at(-1) as Readonly<Record<'gap' | 'comment' | 'kept' | 'word', string | undefined>>
    if (groups.word !== undefined) return whole.toLowerCase()
    // A template within a comment is filled in like any other, and may do something.
    const dropped = groups.gap !== undefined || (groups.comment !== undefined && !/\{[{%]/.test(whole))
    return dropped ? ' ' : `\0${kept.push(whole) - 1}\0`
  })
  return bare
    .replace(/ +/g, ' ')
    .replace(punctuation, '$1')
    .trim()
    .replace(/\0(\d+)\0/g, (_, at: string) => kept[Number(at)] ?? '')
}

/**
 * A query's text for hashing: a comment, an indent or the case of a keyword changes nothing.
 * References stand in it as `${key}`.
 */
export function normalizedSql({ strings, refs, values = [] }: SqlTemplate): string {
  const filled = strings.map((part, index) => withValues(part, index, values))
  const text = filled.map((part, index) => (index === 0 ? part : `\${${refs[index - 1]}}${part}`)).join('')
  return normalizedCode(text)
}

function withValues(part: string, index: number, values: readonly TemplateValue[]): string {
  return values
    .filter(({ string }) => string === index)
    .reduceRight((text, { offset, value, dimension }) => {
      const name = `\${partition.${dimension === null ? '' : `${dimension}.`}${value}}`
      return `${text.slice(0, offset)}${name}${text.slice(offset)}`
    }, part)
}
