import { TraitlineError } from '../../contract/index.ts'

/** A selection as a tree. */
export type Selection =
  | { readonly op: 'term'; readonly term: string }
  | { readonly op: 'or' | 'and'; readonly of: readonly Selection[] }
  | { readonly op: 'not'; readonly of: Selection }
  /** `2+x+`: x with its upstream to depth 2 and all of its downstream. 0 is none. */
  | { readonly op: 'reach'; readonly of: Selection; readonly upstream: number; readonly downstream: number }

type Token = { readonly text: string; readonly start: number; readonly end: number }

const tokens = /[(),]|(?:"[^"]*"|[^\s(),"])+/g
const reachBefore = /^(\d*)\+/
const reachAfter = /\+(\d*)$/

/**
 * Reads `or := and ((',' | 'or') and)*`, `and := not ('and' not)*`, `not := 'not' not | reach`,
 * `reach := [n]+ (term | '(' or ')') +[n]`. Throws SELECTION_INVALID.
 */
export function parseSelection(text: string): Selection {
  const input = tokenize(text)
  let position = 0
  const peek = (): Token | undefined => input[position]
  const take = (): Token => {
    const token = input[position]
    if (token === undefined) throw invalid(text, 'it ends where a term should stand')
    position++
    return token
  }

  const list = (op: 'or' | 'and', words: readonly string[], item: () => Selection): Selection => {
    const of = [item()]
    while (words.includes(peek()?.text ?? '')) {
      take()
      of.push(item())
    }
    return of.length === 1 ? (of[0] as Selection) : { op, of }
  }
  const either = (): Selection => list('or', [',', 'or'], () => list('and', ['and'], negation))
  const negation = (): Selection => {
    if (peek()?.text !== 'not') return reach()
    take()
    return { op: 'not', of: negation() }
  }
  const reach = (): Selection => {
    const token = take()
    if (token.text === '(') return group('')
    const next = peek()
    if (/^\d*\+$/.test(token.text) && next?.text === '(' && next.start === token.end) {
      take()
      return group(token.text)
    }
    if ([')', ',', 'and', 'or'].includes(token.text)) throw invalid(text, `"${token.text}" stands where a term should`)
    const before = reachBefore.exec(token.text)?.[0] ?? ''
    const rest = token.text.slice(before.length)
    const after = reachAfter.exec(rest)?.[0] ?? ''
    const term = rest.slice(0, rest.length - after.length)
    if (term === '') throw invalid(text, `"${token.text}" has no asset beside its +`)
    return withReach({ op: 'term', term: term.replaceAll('"', '') }, before, after)
  }
  const group = (before: string): Selection => {
    const inner = either()
    const closing = take()
    if (closing.text !== ')') throw invalid(text, `"${closing.text}" stands where a ) should`)
    const next = peek()
    const after = next !== undefined && next.start === closing.end && /^\+\d*$/.test(next.text) ? take().text : ''
    return withReach(inner, before, after)
  }

  const selection = either()
  const extra = peek()
  if (extra !== undefined) throw invalid(text, `"${extra.text}" needs a comma, "and" or "or" before it`)
  return selection
}

function withReach(of: Selection, before: string, after: string): Selection {
  if (before === '' && after === '') return of
  return { op: 'reach', of, upstream: depth(before), downstream: depth(after) }
}

function depth(reach: string): number {
  if (reach === '') return 0
  const digits = reach.replace('+', '')
  return digits === '' ? Infinity : Number(digits)
}

function tokenize(text: string): Token[] {
  const found: Token[] = []
  let end = 0
  for (const match of text.matchAll(tokens)) {
    if (text.slice(end, match.index).trim() !== '') throw invalid(text, 'a quote is not closed')
    end = match.index + match[0].length
    found.push({ text: match[0], start: match.index, end })
  }
  if (text.slice(end).trim() !== '') throw invalid(text, 'a quote is not closed')
  if (found.length === 0) throw invalid(text, 'it is empty')
  return found
}

export function invalid(text: string, reason: string): TraitlineError {
  return new TraitlineError({
    code: 'SELECTION_INVALID',
    message: `the selection "${text}" cannot be read: ${reason}`,
    hint: 'Examples: trait/ltv, audience/*, +sync/crm (with all upstream), 2+trait/ltv+1, kind:trait and not tag:draft.',
    blame: 'user',
  })
}
