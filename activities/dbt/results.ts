import { readFile } from 'node:fs/promises'

/** What dbt says of one node at the end. */
export interface NodeResult {
  /** Of models `success`, `error`, `skipped` ...; of tests `pass`, `warn`, `fail`, `error`, `skipped`. */
  readonly status: string
  /** As dbt wrote it: may hold values. */
  readonly message: string
  /** Rows that a test found. */
  readonly failures: number | null
  readonly seconds: number
}

export type NodeResults = ReadonlyMap<string, NodeResult>

/** Reads run_results.json of any version; empty if dbt did not get as far as writing it. */
export async function readResults(path: string): Promise<NodeResults> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return new Map()
  const parsed = JSON.parse(text) as { readonly results?: readonly Readonly<Record<string, unknown>>[] }
  return new Map(
    (parsed.results ?? []).map((result) => [
      String(result['unique_id']),
      {
        status: String(result['status']).toLowerCase(),
        message: typeof result['message'] === 'string' ? result['message'] : '',
        failures: typeof result['failures'] === 'number' ? result['failures'] : null,
        seconds: typeof result['execution_time'] === 'number' ? result['execution_time'] : 0,
      },
    ]),
  )
}
