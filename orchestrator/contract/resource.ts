import type { SourceLocation } from './spec.ts'

/**
 * What a manifest tells of a resource: names, never values. Workers make the value of their own environment anew each
 * time that it is used, from the project's folder and their variables.
 */
export interface ResourceSpec {
  readonly name: string
  readonly description: string | null
  /** What it has, as written for the environment of the manifest. */
  readonly fields: readonly string[]
  /** The variables that it is made from, each once. */
  readonly variables: readonly ResourceVariable[]
  readonly definedAt: SourceLocation | null
}

export interface ResourceVariable {
  readonly variable: string
  /** The field that it fills: `auth.key`. */
  readonly field: string
  /** Whether the resource has to do without a fallback. */
  readonly required: boolean
}
