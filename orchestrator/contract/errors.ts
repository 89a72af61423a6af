/** Whose turn it is to act on an error; decides the exit code and whether Temporal tries again. */
export type Blame = 'user' | 'config' | 'connector' | 'system'

export interface TraitlineErrorFields {
  /** Stable, in SCREAMING_SNAKE_CASE: what scripts match on. */
  readonly code: string
  readonly message: string
  /** What to do about it. */
  readonly hint: string
  readonly blame: Blame
  /** Trying again is of no use, whoever is to blame. */
  readonly final?: boolean
  readonly cause?: unknown
}

const brand = Symbol.for('traitline.error')

/**
 * The one error family. `message` names the thing and the reason, `hint` the fix.
 * Neither may hold rows, keys of users or secrets.
 */
export class TraitlineError extends Error {
  readonly code: string
  readonly hint: string
  readonly blame: Blame
  readonly final: boolean

  constructor(fields: TraitlineErrorFields) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause })
    this.name = 'TraitlineError'
    this.code = fields.code
    this.hint = fields.hint
    this.blame = fields.blame
    this.final = fields.final ?? false
    Object.defineProperty(this, brand, { value: true })
  }
}

/** Recognises the family across bundles and realms, where `instanceof` fails. */
export function isTraitlineError(error: unknown): error is TraitlineError {
  return typeof error === 'object' && error !== null && brand in error
}

/** An error as it is stored and shown. */
export interface Failure {
  readonly code: string
  readonly message: string
  readonly hint: string
  readonly blame: Blame
}
