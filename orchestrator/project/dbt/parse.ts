import type { JsonObject } from '../../contract/index.ts'

export interface ParseDbtInput {
  readonly name: string
  /** The dbt project's folder, absolute. */
  readonly directory: string
  /** The warehouse's schema for its models. */
  readonly schema: string
  readonly vars: JsonObject
}

/**
 * Answers dbt's manifest.json. Throws DBT_MISSING, DBT_TIMEOUT, or DBT_PARSE_FAILED with what dbt says.
 */
export type ParseDbt = (input: ParseDbtInput) => Promise<unknown>

/**
 * The variables that every dbt command of Traitline's sets: `traitline_as_of` (ISO 8601, UTC) and
 * `traitline_time_zone`. A project on the clock is parsed as of 1970, so that parsing stays the same from day to day.
 */
export function dbtVars(vars: JsonObject, asOf: string | null, timeZone: string): JsonObject {
  return { ...vars, traitline_as_of: asOf ?? '1970-01-01T00:00:00Z', traitline_time_zone: timeZone }
}
