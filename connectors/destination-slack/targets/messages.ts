import type { JsonData, Outcomes, PlacedRow } from '../../kit/index.ts'
import { messageOf, type Refusal } from '../message.ts'
import type { Poster } from '../poster.ts'
import type { Target } from './target.ts'

/** Which channel a row goes to, or why it goes to none. */
export type Addressing = (row: JsonData) => Promise<{ readonly channel: string } | { readonly refusal: Refusal }>

/** One message a row. */
export class Messages implements Target {
  readonly #poster: Poster
  readonly #address: Addressing

  constructor(poster: Poster, address: Addressing) {
    this.#poster = poster
    this.#address = address
  }

  async write(rows: readonly PlacedRow[], outcomes: Outcomes): Promise<void> {
    for (const row of rows) {
      const refusal = await this.#post(row.value)
      if (refusal === null) outcomes.accept()
      else outcomes.reject(row, refusal.code, refusal.message)
    }
  }

  async #post(row: JsonData): Promise<Refusal | null> {
    const to = await this.#address(row)
    if ('refusal' in to) return to.refusal
    const made = messageOf(to.channel, row)
    if ('refusal' in made) return made.refusal
    const posted = await this.#poster.post(made.message)
    return 'refusal' in posted ? posted.refusal : null
  }
}

export function toChannel(channel: string): Addressing {
  return () => Promise.resolve({ channel })
}

/** The channel is a column of the row. */
export const toColumn: Addressing = ({ channel }) =>
  Promise.resolve(
    typeof channel === 'string' && channel !== ''
      ? { channel }
      : { refusal: { code: 'no_channel', message: 'The column channel names no channel.' } },
  )
