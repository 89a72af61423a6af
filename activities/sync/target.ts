import { createHash, randomBytes } from 'node:crypto'
import {
  type DestinationSpec,
  type EnvRef,
  type JsonValue,
  type StreamSpec,
  TraitlineError,
} from '../../orchestrator/contract/index.ts'
import type { Row } from '../warehouse/warehouse.ts'

/** Where a sync's rows go. */
export interface Target {
  /** For people: `customers of crm`. */
  readonly place: string
  /** What tells it from other places, in words that hold no credential; it is kept only as a salted hash. */
  readonly described: string
}

/**
 * The kind of program, the stream, and the configuration as it is with this environment: without what looks like a
 * credential, and of a URL only where it leads (scheme, host, port, path). Another version of the program, another
 * password and another user are the same place.
 */
export function targetOf(
  destination: DestinationSpec,
  stream: Pick<StreamSpec, 'name'>,
  secrets: (name: string) => string | undefined,
): Target {
  const located = locate(destination.config, secrets)
  return {
    place: `${stream.name} of ${destination.name}`,
    described: JSON.stringify([programOf(destination), stream.name, located]),
  }
}

/** `salt:hash`: two syncs to one place do not show it. */
export function printOf({ described }: Target, salt = randomBytes(12).toString('hex')): string {
  return `${salt}:${createHash('sha256').update(`${salt}${described}`).digest('hex').slice(0, 32)}`
}

export function isPrintOf(print: string, target: Target): boolean {
  return printOf(target, print.split(':')[0]) === print
}

/** Where a sync's rows go, held against where its ledger says that they went. */
export interface Heading {
  readonly target: Target
  readonly print: string
  /** Elsewhere: what the ledger says was delivered is not there. */
  readonly moved: boolean
}

export function headingOf({ target: known }: Row, target: Target): Heading {
  if (typeof known !== 'string') return { target, print: printOf(target), moved: false }
  const moved = !isPrintOf(known, target)
  return { target, print: moved ? printOf(target) : known, moved }
}

/** The kind of program, whatever its version. */
export function programOf({ connector }: DestinationSpec): string {
  switch (connector.type) {
    case 'builtin':
      return `builtin ${connector.name}`
    case 'command':
      return 'command'
    case 'image':
      return `image ${connector.image.replace(/(@|:[^:/]*$).*/, '')}`
    case 'npm':
    case 'pypi':
      return `${connector.type} ${connector.package}`
  }
}

const credential =
  /pass(word|phrase|wd)?$|secret|token|credential|private|user(name)?$|login|auth|api_?key|access_?key/i

function locate(value: JsonValue, secrets: (name: string) => string | undefined): JsonValue {
  if (typeof value === 'string') return withoutCredentials(value)
  if (Array.isArray(value)) return value.map((item) => locate(item, secrets))
  if (typeof value !== 'object' || value === null) return value
  if (isEnvRef(value)) return locate(secrets(value.$env) ?? value.default ?? '', secrets)
  const entries = Object.entries(value).filter(([name]) => !credential.test(name))
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, item]) => [name, locate(item, secrets)]),
  )
}

function withoutCredentials(text: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || !URL.canParse(text)) return text
  const { protocol, host, hostname, pathname } = new URL(text)
  const place = loopback.test(hostname) ? 'localhost' : host
  return `${protocol.replace('postgresql:', 'postgres:')}//${place}${pathname}`
}

/** A server on this machine may have another port with each start: an embedded stack's has. */
const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

function isEnvRef(value: JsonValue): value is JsonValue & EnvRef {
  return typeof value === 'object' && value !== null && '$env' in value && typeof value['$env'] === 'string'
}

/** Before anything is sent: what was delivered is at another place, and this mode would leave it or send it twice. */
export function targetChanged(sync: string, mode: string, was: string | null, now: Target): TraitlineError {
  const from = was === null || was === now.place ? 'with another configuration' : `before, to ${was}`
  const harm = mode === 'mirror' ? 'the rows that it delivered there would stay there' : 'it would send every row again'
  return new TraitlineError({
    code: 'SYNC_TARGET_CHANGED',
    message: `${sync} was stopped before anything was sent: it now goes to ${now.place}, and delivered ${from}; ${harm}`,
    hint:
      `Point it back${mode === 'mirror' ? ', or remove those rows there by hand' : ''}.` +
      ` To start anew at the new place, as if nothing had been delivered: traitline materialize ${sync} --force`,
    blame: 'user',
  })
}
