import { Fragment, type ComponentType, type ReactNode } from 'react'
import {
  type AssetKey,
  type AssetKind,
  type AssetSpec,
  type AudienceSpec,
  type MappedValue,
  type ModelSpec,
  type NotebookSpec,
  type Predicate,
  type SourceSpec,
  type SqlTemplate,
  type SyncSpec,
  type TraitSpec,
  type UserModelSpec,
} from '../../../orchestrator/contract/index.ts'
import type { AssetDetail } from '../../../orchestrator/server/api.ts'
import { AssetLink } from '../components/asset-link.tsx'
import { Facts } from '../components/section.tsx'
import { plural } from '../lib/format.ts'
import { sqlParts } from '../lib/sql.ts'
import { mappedInWords, templateParts, testInWords, traitInWords } from '../lib/words.ts'

interface Props<Spec extends AssetSpec> {
  readonly spec: Spec
  readonly detail: AssetDetail
  /** Beside the graph there is room for the gist alone. */
  readonly compact: boolean
}

/** What an asset is, in the words of its kind: each kind has its own. */
const definitions: { readonly [Kind in AssetKind]: ComponentType<Props<Extract<AssetSpec, { kind: Kind }>>> } = {
  source: Source,
  model: Model,
  notebook: Notebook,
  trait: Trait,
  user_model: UserModel,
  audience: Audience,
  sync: Sync,
}

export function Definition({ detail, compact = false }: { readonly detail: AssetDetail; readonly compact?: boolean }) {
  // The registry pairs each kind with its own component, which the type of one entry cannot say.
  const Component = definitions[detail.spec.kind] as ComponentType<Props<AssetSpec>>
  return <Component spec={detail.spec} detail={detail} compact={compact} />
}

function Source({ spec }: Props<SourceSpec>) {
  const { load } = spec
  return (
    <Facts
      items={[
        ['Table', <code>{relationName(spec)}</code>],
        load === null
          ? ['Filled by', 'something else: it is only looked at here']
          : [
              'Filled from',
              <>
                {load.paths.map((path) => (
                  <code key={path} className="break">
                    {path}
                  </code>
                ))}{' '}
                <span className="muted">({load.format.toUpperCase()})</span>
              </>,
            ],
        ['Columns', <Columns spec={spec} />],
      ]}
    />
  )
}

function Model({ spec, compact }: Props<ModelSpec>) {
  return (
    <Facts
      items={[
        ['dbt model', <code className="break">{spec.uniqueId}</code>],
        ['Table', <code>{relationName(spec)}</code>],
        compact ? null : ['File', <code className="break">{spec.path}</code>],
        ['Materialised as', spec.materialized],
        spec.tests.length === 0 ? null : ['Tests', plural(spec.tests.length, 'test')],
        compact || spec.columns.length === 0 ? null : ['Columns', <Columns spec={spec} />],
      ]}
    />
  )
}

function Notebook({ spec }: Props<NotebookSpec>) {
  const parameters = Object.entries(spec.parameters)
  return (
    <Facts
      items={[
        ['Notebook', <code className="break">{spec.path}</code>],
        ['About', spec.entity],
        [
          'Reads',
          <span className="inline-list">
            {Object.values(spec.inputs).map((input) => (
              <AssetLink key={input} asset={input} />
            ))}
          </span>,
        ],
        ['Hands back', <Columns spec={spec} />],
        parameters.length === 0
          ? null
          : [
              'Parameters',
              <code className="break">
                {parameters.map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join(', ')}
              </code>,
            ],
        ['At most', plural(Math.round(spec.timeoutSeconds / 60), 'minute')],
      ]}
    />
  )
}

function Trait({ spec, compact }: Props<TraitSpec>) {
  const { origin } = spec
  return (
    <>
      <Facts
        items={[
          ['Value', traitInWords(spec.trait)],
          ['About', `each ${spec.entity}`],
          origin.type === 'column'
            ? [
                'From',
                <>
                  column <code>{origin.column}</code> of <AssetLink asset={origin.asset} />
                </>,
              ]
            : null,
        ]}
      />
      {origin.type === 'sql' && !compact && <Sql template={origin.sql} />}
    </>
  )
}

function UserModel({ spec }: Props<UserModelSpec>) {
  return (
    <Facts
      items={[
        ['About', `each ${spec.entity}`],
        [
          plural(spec.traits.length, 'trait'),
          <span className="inline-list">
            {spec.traits.map((trait) => (
              <AssetLink key={trait} asset={trait} icon={false} />
            ))}
          </span>,
        ],
      ]}
    />
  )
}

function Audience({ spec, detail }: Props<AudienceSpec>) {
  return (
    <div className="predicate">
      <p className="predicate-lead">Every {spec.entity} who satisfies</p>
      <Condition predicate={spec.where} detail={detail} />
    </div>
  )
}

const groupLabels = { all: 'all of', any: 'any of' } as const

function Condition({ predicate, detail }: { readonly predicate: Predicate; readonly detail: AssetDetail }): ReactNode {
  switch (predicate.op) {
    case 'all':
    case 'any':
      return (
        <div className="condition-group">
          <p className="condition-label">{groupLabels[predicate.op]}</p>
          <ul>
            {predicate.of.map((inner, at) => (
              <li key={at}>
                <Condition predicate={inner} detail={detail} />
              </li>
            ))}
          </ul>
        </div>
      )
    case 'not':
      return (
        <div className="condition-group">
          <p className="condition-label">not</p>
          <ul>
            <li>
              <Condition predicate={predicate.of} detail={detail} />
            </li>
          </ul>
        </div>
      )
    case 'compare':
      return (
        <p className="condition">
          <AssetLink asset={predicate.trait} icon={false} />{' '}
          {testInWords(predicate.test, unitOf(detail, predicate.trait))}
        </p>
      )
    case 'in_audience':
      return (
        <p className="condition">
          is in <AssetLink asset={predicate.audience} />
        </p>
      )
  }
}

function unitOf(detail: AssetDetail, trait: AssetKey): string | null {
  const type = detail.upstream.find(({ key }) => key === trait)?.trait
  return type?.type === 'continuous' ? type.unit : null
}

const modes: Readonly<Record<SyncSpec['mode'], string>> = {
  upsert: 'Adds who is new and updates who changed; leaves who has gone',
  insert: 'Adds who is new, once; never changes or removes',
  mirror: 'Keeps the destination the same, row for row: adds, updates and removes',
  append: 'Writes everyone anew each time',
  update: 'Updates who is there already; adds nobody',
  delete: 'Deletes everyone in it, once',
  add: 'Adds to the list; takes nobody away',
  remove: 'Takes everyone in it from the list, once',
  members: 'Keeps the list’s members the same: adds and takes away',
}

function Sync({ spec, detail, compact }: Props<SyncSpec>) {
  return (
    <>
      <Facts
        items={[
          ['Sends', <AssetLink asset={spec.from} />],
          [
            'To',
            <>
              {spec.destination} · <code>{spec.stream}</code>
              {detail.destination !== null && <span className="muted"> ({detail.destination.connector})</span>}
            </>,
          ],
          [`Mode: ${spec.mode}`, modes[spec.mode]],
        ]}
      />
      {!compact && (
        <div className="table-wrap" tabIndex={0} role="group" aria-label="Mapping of fields">
          <table className="table mapping">
            <caption className="visually-hidden">Mapping of fields</caption>
            <thead>
              <tr>
                <th scope="col">Field there</th>
                <th scope="col">Filled with</th>
              </tr>
            </thead>
            <tbody>
              {spec.mapping.map(({ field, value }) => (
                <tr key={field}>
                  <th scope="row">
                    <code>{field}</code>
                  </th>
                  <td>
                    <Mapped value={value} detail={detail} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  )
}

function Mapped({ value, detail }: { readonly value: MappedValue; readonly detail: AssetDetail }): ReactNode {
  switch (value.type) {
    case 'key':
      return <KeyName detail={detail} />
    case 'trait':
      return <AssetLink asset={value.trait} />
    case 'constant':
      return <code>{JSON.stringify(value.value)}</code>
    case 'template':
      return (
        <span className="template">
          {templateParts(value).map((part, at) => (
            <Fragment key={at}>
              {part.variable === null ? (
                part.text
              ) : (
                <mark
                  title={
                    part.variable.type === 'key'
                      ? `the ${detail.entity?.name ?? 'entity'}’s key`
                      : mappedInWords(part.variable)
                  }
                >
                  {part.variable.type === 'key' ? part.text : mappedInWords(part.variable) + filters(part.text)}
                </mark>
              )}
            </Fragment>
          ))}
        </span>
      )
    default:
      return <code>{mappedInWords(value)}</code>
  }
}

function filters(text: string): string {
  const at = text.indexOf('|')
  return at === -1 ? '' : ` ${text.slice(at)}`
}

function KeyName({ detail }: { readonly detail: AssetDetail }) {
  return (
    <>
      <code>{detail.entity?.key.column ?? 'key'}</code>{' '}
      <span className="muted">the {detail.entity?.name ?? 'entity'}’s key</span>
    </>
  )
}

function Columns({ spec }: { readonly spec: AssetSpec }) {
  return (
    <span className="inline-list">
      {spec.columns.map((column) => (
        <span key={column.name} className="column" title={column.description ?? column.type}>
          <code>{column.name}</code> <span className="muted">{column.type}</span>
          {column.pii === true && <span className="tag tag-warn">personal</span>}
        </span>
      ))}
    </span>
  )
}

export function Sql({ template }: { readonly template: SqlTemplate }) {
  return (
    <pre className="code" tabIndex={0} aria-label="SQL">
      {sqlParts(template).map((part, at) =>
        part.type === 'ref' ? (
          <AssetLink key={at} asset={part.key} icon={false} />
        ) : part.type === 'text' ? (
          part.text
        ) : (
          <span key={at} className={`sql-${part.type}`}>
            {part.text}
          </span>
        ),
      )}
    </pre>
  )
}

function relationName(spec: AssetSpec): string {
  return spec.relation === null ? '' : `${spec.relation.schema}.${spec.relation.name}`
}
