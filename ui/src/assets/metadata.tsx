import type { JsonObject, JsonValue } from '../../../orchestrator/contract/index.ts'
import { Facts, Section } from '../components/section.tsx'
import { formatNumber, humanize } from '../lib/format.ts'

/** What an activity wanted to say about a materialisation: a model's metrics, a sync's counts. */
export function Metadata({ metadata }: { readonly metadata: JsonObject }) {
  const entries = flatten(metadata)
  if (entries.length === 0) return null
  return (
    <Section title="Recorded with it">
      <Facts items={entries.map(([name, value]) => [humanize(name), show(value)] as const)} />
    </Section>
  )
}

function flatten(metadata: JsonObject): [string, JsonValue][] {
  return Object.entries(metadata).flatMap(([name, value]) =>
    isObject(value) ? Object.entries(value) : [[name, value]],
  )
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function show(value: JsonValue): React.ReactNode {
  if (typeof value === 'number') return <span className="num">{formatNumber(value)}</span>
  return typeof value === 'string' ? (
    <span className="break">{value}</span>
  ) : (
    <code className="break">{JSON.stringify(value)}</code>
  )
}
