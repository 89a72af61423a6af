export type Dialect = 'duckdb' | 'postgres'

/** What a parameter of a statement may be; timestamps travel as ISO 8601 text and are cast in the SQL. */
export type Parameter = string | number | boolean | null

/** One SQL statement with `$1` ... placeholders. Identifiers are quoted; no value is ever part of the text. */
export interface Statement {
  readonly text: string
  readonly parameters: readonly Parameter[]
}
