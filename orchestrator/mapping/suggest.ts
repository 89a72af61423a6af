import type { ColumnType, MappedReference, StreamFieldSpec } from '../contract/index.ts'
import { meaningOf, plainName, wordsOf } from './names.ts'

/** Something of the source that could fill a field. */
export interface Candidate {
  readonly name: string
  readonly type: ColumnType
  readonly value: MappedReference
}

export const suggestionReasons = {
  key: 'the field is the stream’s key, and this is the entity’s',
  same_name: 'the same name',
  same_words: 'the same words, written another way',
  same_meaning: 'names that usually mean the same',
  shared_words: 'names that share words',
  type_fits: 'the type fits',
  needs_cast: 'the type fits after a cast',
} as const

export type SuggestionReason = keyof typeof suggestionReasons

export interface Suggestion {
  readonly field: string
  readonly candidate: Candidate
  /** From 0 to 1: how likely it is meant. */
  readonly score: number
  readonly reasons: readonly SuggestionReason[]
}

const perField = 3
const least = 0.3

/**
 * For each field the candidates that may be meant, best first, at most three. Nothing is suggested whose name has
 * nothing to do with the field's, save the entity's key for the stream's.
 */
export function suggestMapping(
  stream: { readonly fields: readonly StreamFieldSpec[]; readonly key: readonly string[] },
  candidates: readonly Candidate[],
): readonly Suggestion[] {
  return stream.fields.flatMap((field) =>
    candidates
      .flatMap((candidate) => suggestion(field, stream.key.includes(field.name), candidate) ?? [])
      .sort((a, b) => b.score - a.score || (a.candidate.name < b.candidate.name ? -1 : 1))
      .slice(0, perField),
  )
}

function suggestion(field: StreamFieldSpec, isKey: boolean, candidate: Candidate): Suggestion | null {
  const named = byName(field.name, candidate.name)
  const fit = byType(field.type, candidate.type)
  if (fit === null) return null
  const forKey = isKey && candidate.value.type === 'key'
  const [score, reason] = forKey ? [1, 'key' as const] : (named ?? [0, null])
  if (reason === null) return null
  // The key of a stream finds rows: what changes is rarely meant.
  const doubt = (isKey && !forKey ? 0.5 : 1) * (fit === 'needs_cast' ? 0.8 : 1)
  const likely = Math.round(score * doubt * 100) / 100
  return likely < least ? null : { field: field.name, candidate, score: likely, reasons: [reason, fit] }
}

function byName(field: string, candidate: string): readonly [number, SuggestionReason] | null {
  if (field.toLowerCase() === candidate.toLowerCase()) return [1, 'same_name']
  if (plainName(field) === plainName(candidate)) return [0.95, 'same_words']
  const meaning = meaningOf(field)
  if (meaning !== null && meaning === meaningOf(candidate)) return [0.85, 'same_meaning']
  const [a, b] = [new Set(wordsOf(field)), new Set(wordsOf(candidate))]
  const shared = [...a].filter((word) => b.has(word)).length
  return shared === 0 ? null : [(0.7 * shared) / new Set([...a, ...b]).size, 'shared_words']
}

/** Types of values that a field takes as they are, and those that a cast mostly makes fit. */
const takes: Readonly<
  Record<ColumnType, { readonly plain: readonly ColumnType[]; readonly cast: readonly ColumnType[] }>
> = {
  text: { plain: ['text', 'boolean'], cast: ['integer', 'number', 'timestamp', 'date', 'json'] },
  integer: { plain: ['integer'], cast: ['number', 'text', 'boolean'] },
  number: { plain: ['number', 'integer'], cast: ['text', 'boolean'] },
  boolean: { plain: ['boolean'], cast: ['integer', 'text'] },
  timestamp: { plain: ['timestamp'], cast: ['date', 'text', 'integer'] },
  date: { plain: ['date'], cast: ['timestamp', 'text'] },
  json: { plain: ['text', 'integer', 'number', 'boolean', 'timestamp', 'date', 'json'], cast: [] },
}

function byType(field: ColumnType, value: ColumnType): 'type_fits' | 'needs_cast' | null {
  if (takes[field].plain.includes(value)) return 'type_fits'
  return takes[field].cast.includes(value) ? 'needs_cast' : null
}
