import { randomUUID } from 'node:crypto'
import {
  objectOf,
  operationOf,
  Outcomes,
  pieces,
  sendHalving,
  type Batch,
  type BatchResult,
  type DestinationWriter,
  type HttpClient,
  type JsonData,
  type Rows,
} from '../kit/index.ts'
import { webhookHeaders } from '../standard-webhooks/index.ts'
import type { OperationName, WebhookConfig } from './config.ts'
import type { Form } from './form.ts'
import { outcomeOf, type Refusal } from './outcome.ts'

interface Item {
  readonly ordinal: number
  readonly value: JsonData
  readonly text: string
  readonly bytes: number
}

/** Sends rows as requests, in order, each under an id that the same rows of the same batch have again. */
export class WebhookWriter implements DestinationWriter {
  readonly #config: WebhookConfig
  readonly #http: HttpClient
  readonly #forms: ReadonlyMap<OperationName, Form>
  /** For batches that their sender does not name. */
  readonly #session = randomUUID()
  #unnamed = 0

  constructor(config: WebhookConfig, http: HttpClient, forms: ReadonlyMap<OperationName, Form>) {
    this.#config = config
    this.#http = http
    this.#forms = forms
  }

  async write({ id, rows }: Batch): Promise<BatchResult> {
    const batch = id ?? `${this.#session}:${this.#unnamed++}`
    const outcomes = new Outcomes()
    for (const slice of rows) await this.#writeSlice(slice, batch, outcomes)
    return outcomes.result()
  }

  async close(): Promise<void> {
    // Nothing is kept open.
  }

  async #writeSlice(slice: Rows, batch: string, outcomes: Outcomes): Promise<void> {
    const { rows_per_request: count, bytes_per_request: bytes } = this.#config
    const items = [...itemsOf(slice)].filter((item) => {
      if (item.bytes <= bytes) return true
      outcomes.reject(item, 'row_too_large', `The row is larger than bytes_per_request (${bytes}).`)
      return false
    })
    for (const piece of pieces(items, { count, bytes }, (item) => item.bytes)) {
      await sendHalving(
        piece,
        (some) => this.#send(slice, batch, some, outcomes),
        (item, { kind, code, message }) =>
          kind === 'rejected' ? outcomes.reject(item, code, message) : outcomes.skip(item, code, message),
      )
    }
  }

  async #send(slice: Rows, batch: string, items: readonly Item[], outcomes: Outcomes): Promise<Refusal | null> {
    const operation = operationOf(slice.stream)
    const form = this.#forms.get(operation) as Form
    const id = `${batch}/${items[0]?.ordinal}+${items.length}`
    const texts = items.map(({ text }) => text)
    const request = this.#written(form, {
      ...{ id, operation, texts, object: objectOf(slice.stream) },
      rows: items.map(({ value }) => value),
      timestamp: new Date(slice.emittedAt).toISOString(),
    })
    if (request === null) {
      return { kind: 'rejected', code: 'template_failed', message: 'The row does not fit the template of the request.' }
    }
    const { body, method, path } = request
    const answer = await this.#http.send({
      ...{ method, path },
      ...(body === null ? {} : { body }),
      headers: () => this.#headers(id, body),
      repeatable: harmless(operation) || this.#config.receiver_deduplicates,
    })
    const outcome = outcomeOf(answer, { operation, addressesRow: form.addressesRow, texts }, this.#config)
    if ('refusal' in outcome) return outcome.refusal
    const named = new Map(outcome.but.map((one) => [one.index, one]))
    for (const [index, item] of items.entries()) {
      const { kind, code, message } = named.get(index) ?? { kind: null, code: '', message: '' }
      if (kind === null) outcomes.accept()
      else if (kind === 'rejected') outcomes.reject(item, code, message)
      else outcomes.skip(item, code, message)
    }
    return null
  }

  #written(form: Form, content: Parameters<Form['write']>[0]): ReturnType<Form['write']> | null {
    try {
      return form.write(content)
    } catch {
      return null
    }
  }

  /** The time of each attempt is its own: receivers refuse what was signed long ago. */
  #headers(id: string, body: string | null): Readonly<Record<string, string>> {
    const { headers, secret_headers: secrets, content_type: type, signing_secret: secret = null } = this.#config
    return {
      ...(body === null ? {} : { 'content-type': type }),
      ...headers,
      ...secrets,
      ...webhookHeaders({ id, body: body ?? '', secret }),
    }
  }
}

function* itemsOf({ first, values, texts }: Rows): Generator<Item> {
  for (const [index, value] of values.entries()) {
    const text = texts[index] ?? ''
    yield { ordinal: first + index, value, text, bytes: Buffer.byteLength(text) }
  }
}

function harmless(operation: OperationName): boolean {
  return operation !== 'append' && operation !== 'insert'
}
