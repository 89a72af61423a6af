import type {
  JsonValue,
  MappedBookkeeping,
  MappedChoice,
  MappedCoalesce,
  MappedList,
  MappedObject,
} from '../../../orchestrator/contract/index.ts'
import type { CompileContext, ReadValue, RunFacts } from './value.ts'

export function compileCoalesce({ values }: MappedCoalesce, { compile }: CompileContext): ReadValue {
  const read = values.map(compile)
  return (rendering) => {
    for (const value of read) {
      const found = value(rendering)
      if (found !== null) return found
    }
    return null
  }
}

export function compileChoice({ value, cases, otherwise }: MappedChoice, { compile }: CompileContext): ReadValue {
  const read = compile(value)
  const byText = new Map(Object.entries(cases).map(([text, result]) => [text, compile(result)]))
  const rest = compile(otherwise)
  return (rendering) => {
    const given = read(rendering)
    return ((given === null ? undefined : byText.get(String(given))) ?? rest)(rendering)
  }
}

export function compileObject({ fields }: MappedObject, { compile }: CompileContext): ReadValue {
  const read = Object.entries(fields).map(([name, value]) => [name, compile(value)] as const)
  return (rendering) => {
    const made: Record<string, JsonValue> = {}
    for (const [name, value] of read) made[name] = value(rendering)
    return made
  }
}

export function compileList({ items }: MappedList, { compile }: CompileContext): ReadValue {
  const read = items.map(compile)
  return (rendering) => read.map((value) => value(rendering))
}

const facts: Readonly<Record<MappedBookkeeping['what'], (facts: RunFacts) => string>> = {
  synced_at: ({ syncedAt }) => syncedAt,
  run: ({ run }) => run,
  sync: ({ sync }) => sync,
}

export function compileBookkeeping({ what }: MappedBookkeeping, context: CompileContext): ReadValue {
  const value = facts[what](context.facts)
  return () => value
}

/** Without what is null, and without what is empty for want of it; null if nothing is left. */
export function withoutNulls(value: JsonValue): JsonValue {
  if (Array.isArray(value)) {
    const left = value.map(withoutNulls).filter((item) => item !== null)
    return left.length === 0 ? null : left
  }
  if (typeof value !== 'object' || value === null) return value
  const left = Object.entries(value)
    .map(([name, part]) => [name, withoutNulls(part)] as const)
    .filter(([, part]) => part !== null)
  return left.length === 0 ? null : Object.fromEntries(left)
}
