import type { SqlTemplate, TemplateValue } from '../contract/index.ts'

/** Quoted text and dollar-quoted text are kept; comments and space, in runs, mean no more than one space. */
const token = /('(?:[^']|'')*'|"(?:[^"]|"")*"|(\$[A-Za-z_]*\$)[\s\S]*?\2)|(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/)+/g

/**
 * A query's text without comments and with single spaces, for hashing: a comment or an indent changes nothing.
 * References stand in it as `${key}`.
 */
export function normalizedSql({ strings, refs, values = [] }: SqlTemplate): string {
  const filled = strings.map((part, index) => withValues(part, index, values))
  const text = filled.map((part, index) => (index === 0 ? part : `\${${refs[index - 1]}}${part}`)).join('')
  return text.replace(token, (_, quoted: string | undefined) => quoted ?? ' ').trim()
}

function withValues(part: string, index: number, values: readonly TemplateValue[]): string {
  return values
    .filter(({ string }) => string === index)
    .reduceRight((text, { offset, value, dimension }) => {
      const name = `\${partition.${dimension === null ? '' : `${dimension}.`}${value}}`
      return `${text.slice(0, offset)}${name}${text.slice(offset)}`
    }, part)
}
