import {
  configError,
  operationOf,
  Outcomes,
  pieces,
  placedRows,
  type Batch,
  type BatchResult,
  type DestinationWriter,
  type HttpClient,
  type PlacedRow,
} from 'traitline/connector'

/** Acme’s limit of one request. */
const contactsARequest = 100

interface Answer {
  readonly results: readonly { readonly status: 'ok' | 'error'; readonly code?: string }[]
}

/** Sends contacts, and tells row by row what became of them. */
export class AcmeWriter implements DestinationWriter {
  readonly #http: HttpClient

  constructor(http: HttpClient) {
    this.#http = http
  }

  async write(batch: Batch): Promise<BatchResult> {
    const outcomes = new Outcomes()
    const rows = [...placedRows(batch)]
    const isDelete = (row: PlacedRow): boolean => operationOf(row.stream) === 'delete'
    // Deletes come first: a key that changed is a delete of the old and an upsert of the new.
    await this.#send('DELETE', rows.filter(isDelete), outcomes)
    await this.#send(
      'POST',
      rows.filter((row) => !isDelete(row)),
      outcomes,
    )
    return outcomes.result()
  }

  async close(): Promise<void> {
    // Nothing is kept open.
  }

  async #send(method: 'POST' | 'DELETE', rows: readonly PlacedRow[], outcomes: Outcomes): Promise<void> {
    for (const piece of pieces(rows, { count: contactsARequest })) {
      const json = { contacts: piece.map(({ value }) => value) }
      // The client waits and tries again where that does no harm: see `httpClient`.
      const answer = await this.#http.send({ method, path: '/v1/contacts', json, repeatable: true })
      if (!answer.ok) throw configError(`Acme refused the request with HTTP ${answer.status}.`)
      const { results } = answer.json as Answer
      for (const [index, row] of piece.entries()) {
        const result = results[index]
        if (result?.status === 'ok') outcomes.accept()
        // No value of the row in the message: it is kept, and shown to people.
        else outcomes.reject(row, result?.code ?? 'unknown', 'Acme did not take the contact.')
      }
    }
  }
}
