import type { JsonData } from '../../protocol/index.ts'

/** An identifier as text; null if there is none. Warehouses know numbers as keys where vendors want texts. */
export function identifierOf(value: unknown): string | null {
  if (typeof value === 'string') return value.trim() === '' ? null : value
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : null
}

/** An object, or its JSON text; undefined if the value is unset, null if it is something else. */
export function nestedOf(value: unknown): JsonData | null | undefined {
  if (value === null || value === undefined || value === '') return undefined
  const parsed = typeof value === 'string' ? parse(value) : value
  return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as JsonData) : null
}

/** The fields of a row that are not among `names`. */
export function fieldsBut(row: JsonData, names: readonly string[]): JsonData {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)))
}

const naive = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?$/

/** A moment in time from a time stamp, which is UTC unless it says otherwise, or from milliseconds since 1970; else null. */
export function momentOf(value: unknown): Date | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null
  const date = new Date(typeof value === 'string' && naive.test(value) ? `${value}Z` : value)
  return Number.isNaN(date.getTime()) ? null : date
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
