/** One step of the schema. Steps are only ever added, never edited once released. */
export interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
}
