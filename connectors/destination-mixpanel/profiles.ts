import {
  fieldsBut,
  identifierOf,
  operationOf,
  prepared,
  refuse,
  sending,
  type JsonData,
  type Sending,
  type Verdict,
} from '../kit/index.ts'
import { maxBytes, type Target } from './object.ts'
import { updateVerdict } from './outcome.ts'

/** A row may be two updates, of what it sets and what it takes away, and a request holds 2,000. */
const rowsARequest = 1_000

/** Where profiles of a kind are, and how one is named. */
export interface ProfileKind {
  readonly path: '/engage' | '/groups'
  /** The field of a row that names the profile. */
  readonly key: string
  readonly name: (id: string) => JsonData
}

/** Updates of profiles; a null takes a property away. */
export function profileSending({ stream, config, client }: Target, { path, key, name }: ProfileKind): Sending {
  const deletes = operationOf(stream) === 'delete'
  return sending<readonly JsonData[]>({
    limits: { count: rowsARequest, bytes: maxBytes, itemBytes: 1_000_000 },
    prepare: ({ value }) => {
      const id = identifierOf(value[key])
      if (id === null) return refuse(`no_${key}`, `${key} is missing.`)
      const profile = { $token: config.project_token, ...name(id) }
      if (deletes) return prepared([{ ...profile, $delete: '' }])
      const fields = Object.entries(fieldsBut(value, [key]))
      const $set = Object.fromEntries(fields.filter(([, part]) => part !== null))
      const $unset = fields.filter(([, part]) => part === null).map(([field]) => field)
      return prepared([{ ...profile, $set }, ...($unset.length === 0 ? [] : [{ ...profile, $unset }])])
    },
    async send(rows) {
      const updates = rows.flat()
      return ofRows(updateVerdict(await client.update(path, updates), updates), rows)
    },
  })
}

/** A row is refused for any of its updates. */
function ofRows({ refused, whole }: Verdict, rows: readonly (readonly JsonData[])[]): Verdict {
  const rowOf = rows.flatMap((updates, row) => updates.map(() => row))
  return { refused: new Map([...refused].map(([update, refusal]) => [rowOf[update] ?? 0, refusal])), whole }
}
