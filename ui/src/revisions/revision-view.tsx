import type { AssetKey, JsonValue, Predicate, SqlTemplate } from '../../../orchestrator/contract/index.ts'
import type { AssetChange, RevisionDetail } from '../../../orchestrator/server/api.ts'
import { AssetLink } from '../components/asset-link.tsx'
import { Hash } from '../components/copy.tsx'
import { Empty } from '../components/feedback.tsx'
import { Section } from '../components/section.tsx'
import { diffLines } from '../lib/diff.ts'
import { formatTime, plural } from '../lib/format.ts'
import { sqlText } from '../lib/sql.ts'
import { predicateInWords } from '../lib/words.ts'

export function RevisionView({ detail }: { readonly detail: RevisionDetail }) {
  const { diff } = detail
  const nothing =
    diff.added.length + diff.removed.length + diff.changed.length + diff.described.length + diff.settings.length === 0
  const changes = new Map(detail.changes.map((change) => [change.key, change]))
  return (
    <>
      <header className="revision-head">
        <h2>Revision {detail.number}</h2>
        <p className="muted">
          {formatTime(detail.deployedAt)}
          {detail.deployedBy !== null && ` by ${detail.deployedBy}`} · {plural(detail.assetCount, 'asset')} ·{' '}
          {detail.timeZone}
          {detail.asOf !== null && ` · as of ${detail.asOf.slice(0, 10)}`} · manifest{' '}
          <Hash value={detail.manifestHash} />
        </p>
      </header>
      {nothing && <Empty title="No difference">This revision defines the same as the one before.</Empty>}
      <Keys title="Added" keys={diff.added} />
      {diff.removed.length > 0 && (
        <Section title={`Removed (${diff.removed.length})`}>
          <ul className="key-list">
            {diff.removed.map((key) => (
              <li key={key}>
                <code>{key}</code>
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Changes title="Changed: to be materialised again" keys={diff.changed} changes={changes} />
      <Changes title="Described anew: nothing to materialise" keys={diff.described} changes={changes} />
      {diff.settings.length > 0 && (
        <Section title="Settings">
          <ul className="key-list">
            {diff.settings.map((setting) => (
              <li key={setting}>{setting}</li>
            ))}
          </ul>
        </Section>
      )}
    </>
  )
}

function Keys({ title, keys }: { readonly title: string; readonly keys: readonly AssetKey[] }) {
  if (keys.length === 0) return null
  return (
    <Section title={`${title} (${keys.length})`}>
      <ul className="key-list">
        {keys.map((key) => (
          <li key={key}>
            <AssetLink asset={key} />
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Changes({
  title,
  keys,
  changes,
}: {
  readonly title: string
  readonly keys: readonly AssetKey[]
  readonly changes: ReadonlyMap<AssetKey, AssetChange>
}) {
  if (keys.length === 0) return null
  return (
    <Section title={title}>
      <ul className="changes">
        {keys.map((key) => (
          <li key={key}>
            <AssetLink asset={key} />
            {changes.get(key)?.fields.map((field) => (
              <FieldChange key={field.path} path={field.path} before={field.before} after={field.after} />
            ))}
            {(changes.get(key)?.more ?? 0) > 0 && (
              <p className="hint">and {plural(changes.get(key)?.more ?? 0, 'more field')}</p>
            )}
          </li>
        ))}
      </ul>
    </Section>
  )
}

function FieldChange({
  path,
  before,
  after,
}: {
  readonly path: string
  readonly before: JsonValue
  readonly after: JsonValue
}) {
  return (
    <div className="field-change">
      <p className="field-path">{path}</p>
      <pre className="code diff" tabIndex={0} aria-label={`Difference of ${path}`}>
        {diffLines(readable(before), readable(after)).map((line, at) => (
          <span key={at} className={`diff-${line.type}`}>
            <span aria-hidden="true">{signs[line.type]}</span>
            {line.text === '' ? ' ' : line.text}
          </span>
        ))}
      </pre>
    </div>
  )
}

const signs = { same: '  ', added: '+ ', removed: '− ' } as const

/** A value as text whose lines can be compared. */
function readable(value: JsonValue): string {
  if (value === null) return ''
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join('\n')
  if (typeof value === 'object' && 'strings' in value) return sqlText(value as unknown as SqlTemplate)
  if (typeof value === 'object' && 'op' in value) {
    return predicateInWords(value as unknown as Predicate)
      .replaceAll(' and ', '\nand ')
      .replaceAll(' or ', '\nor ')
  }
  return JSON.stringify(value, null, 2)
}
