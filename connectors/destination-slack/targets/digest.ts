import { Liquid, type Template } from 'liquidjs'
import { configError, type Outcomes, type PlacedRow } from '../../kit/index.ts'
import type { DigestConfig } from '../config.ts'
import type { Message, Refusal } from '../message.ts'
import type { Poster } from '../poster.ts'
import type { Target } from './target.ts'

/** Slack’s limits of a section’s text and of a message’s blocks, two of which are the title and what is left out. */
const sectionChars = 3_000
const maxSections = 48

const liquid = new Liquid({ templates: {}, strictFilters: true, strictVariables: true, renderLimit: 1_000 })

/** Says numbers of rows by a template. */
type Words = (counts: { readonly count: number; readonly shown: number; readonly more: number }) => string

interface Line extends PlacedRow {
  readonly text: string
}

/**
 * One message for all rows of a batch: a title, a line for each row, and how many more there are. With `thread` the
 * title is the message, and each row a reply to it.
 */
export class Digest implements Target {
  readonly #poster: Poster
  readonly #config: DigestConfig
  readonly #title: Words
  readonly #more: Words

  constructor(poster: Poster, config: DigestConfig) {
    this.#poster = poster
    this.#config = config
    this.#title = words(config.name, config.title)
    this.#more = words(config.name, config.more)
  }

  async write(rows: readonly PlacedRow[], outcomes: Outcomes): Promise<void> {
    const lines: Line[] = []
    for (const row of rows) {
      const { text } = row.value
      if (typeof text !== 'string' || text.trim() === '') outcomes.reject(row, 'no_text', 'There is no text.')
      else if (text.length > sectionChars) {
        outcomes.reject(row, 'msg_too_long', `The text is longer than ${sectionChars} characters.`)
      } else lines.push({ ...row, text })
    }
    if (lines.length === 0) return
    if (this.#config.thread) await this.#thread(lines, outcomes)
    else await this.#message(lines, outcomes)
  }

  async #message(lines: readonly Line[], outcomes: Outcomes): Promise<void> {
    const { sections, shown } = inSections(lines.slice(0, this.#config.max_rows))
    const { title, more } = this.#words(lines.length, shown)
    const blocks = [title, ...sections, ...more].map((text) => ({ type: 'section', text: { type: 'mrkdwn', text } }))
    const posted = await this.#poster.post({ channel: this.#config.channel, text: title, blocks } as Message)
    if ('refusal' in posted) refuseAll(lines, posted.refusal, outcomes)
    else outcomes.accept(lines.length)
  }

  async #thread(lines: readonly Line[], outcomes: Outcomes): Promise<void> {
    const { channel, max_rows: max } = this.#config
    const { title, more } = this.#words(lines.length, Math.min(max, lines.length))
    const first = await this.#poster.post({ channel, text: title })
    if ('refusal' in first) return refuseAll(lines, first.refusal, outcomes)
    for (const line of lines.slice(0, max)) {
      const posted = await this.#poster.post({ channel, text: line.text, thread_ts: first.ts })
      if ('refusal' in posted) outcomes.reject(line, posted.refusal.code, posted.refusal.message)
      else outcomes.accept()
    }
    for (const text of more) await this.#poster.post({ channel, text, thread_ts: first.ts })
    outcomes.accept(Math.max(0, lines.length - max))
  }

  #words(count: number, shown: number): { readonly title: string; readonly more: readonly string[] } {
    const variables = { count, shown, more: count - shown }
    return {
      title: this.#title(variables),
      more: count > shown ? [this.#more(variables)] : [],
    }
  }
}

/** Lines in as few sections as they fit in, and how many of them fit at all. */
export function inSections(lines: readonly { readonly text: string }[]): {
  readonly sections: readonly string[]
  readonly shown: number
} {
  const sections: string[] = []
  let shown = 0
  for (const { text } of lines) {
    const last = sections.at(-1)
    if (last !== undefined && last.length + 1 + text.length <= sectionChars) {
      sections[sections.length - 1] = `${last}\n${text}`
    } else if (sections.length < maxSections) sections.push(text)
    else break
    shown += 1
  }
  return { sections, shown }
}

/** A template that is none is found before anything is posted. */
function words(digest: string, template: string): Words {
  try {
    const parsed: Template[] = liquid.parse(template)
    const write: Words = (counts) => String(liquid.renderSync(parsed, { ...counts }))
    write({ count: 1, shown: 1, more: 1 })
    return write
  } catch (error) {
    throw configError(`Digest ${digest}: its title or more is no template of count, shown and more.`, error)
  }
}

function refuseAll(lines: readonly Line[], { code, message }: Refusal, outcomes: Outcomes): void {
  for (const line of lines) outcomes.reject(line, code, message)
}
