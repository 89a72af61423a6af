import type { CodeRef } from './check.ts'
import type { EnvRef, SourceLocation } from './spec.ts'

/** Asks the world for news, again and again. */
export interface SensorSpec {
  readonly name: string
  readonly description: string | null
  readonly everySeconds: number
  readonly timeoutSeconds: number
  readonly code: CodeRef
  /** Names of those that it uses. */
  readonly resources?: readonly string[]
  readonly definedAt: SourceLocation | null
}

/** A place where others can announce news, signed. */
export interface WebhookSpec {
  readonly name: string
  readonly description: string | null
  readonly secret: EnvRef
  /** What a delivery materialises; null if the project's own code says. */
  readonly select: string | null
  readonly code: CodeRef | null
  readonly timeoutSeconds: number
  readonly definedAt: SourceLocation | null
}

/** A run that a sensor or a webhook asks for. */
export interface RunRequest {
  /** As `traitline materialize` takes it. */
  readonly select: string
  /** Of two requests of the same sensor or webhook with the same key, one is carried out. */
  readonly runKey?: string
  /** Of assets that have partitions, as `--partitions` takes it; the latest unless told. */
  readonly partitions?: string
  readonly force?: boolean
}
