import { parseLine, type AirbyteRecordMessage, type ConfiguredAirbyteStream, type JsonData } from '../protocol/index.ts'
import type { Rows } from './definition.ts'
import { systemError } from './errors.ts'

const head = '{"type":"RECORD","record":{"stream":"'
const middle = '","data":'
const tail = ',"emitted_at":'
/** `,"emitted_at":` with up to 20 digits and two braces. */
const tailChars = tail.length + 22

/**
 * Rows of one stream, kept as the lines that they came in. Parsing waits until the destination asks for the values, so
 * that reading costs little more than the bytes themselves, and a batch that waits costs no more than its text.
 */
export class PendingRows implements Rows {
  readonly stream: ConfiguredAirbyteStream
  readonly first: number
  #lines: (string | JsonData)[] = []
  #emittedAt: number | undefined
  #prefix: string
  #values: readonly JsonData[] | undefined
  #texts: readonly string[] | undefined

  constructor(stream: ConfiguredAirbyteStream, first: number) {
    this.stream = stream
    this.first = first
    this.#prefix = `${head}${JSON.stringify(stream.stream.name).slice(1, -1)}${middle}`
  }

  get count(): number {
    return this.#lines.length
  }

  /** Takes a line that is plainly a record of this stream; false if a closer look is needed. */
  takeLine(line: string): boolean {
    if (!line.startsWith(this.#prefix) || !line.endsWith('}}')) return false
    this.#emittedAt ??= emittedAt(line)
    this.#lines.push(line)
    return true
  }

  take({ data, emitted_at: at }: AirbyteRecordMessage): void {
    this.#emittedAt ??= typeof at === 'number' ? at : 0
    this.#lines.push(asData(data))
  }

  get emittedAt(): number {
    return this.#emittedAt ?? 0
  }

  get values(): readonly JsonData[] {
    this.#values ??= this.#lines.map((line) => (typeof line === 'string' ? this.#parse(line).value : line))
    this.#lines = this.#values as JsonData[]
    return this.#values
  }

  get texts(): readonly string[] {
    this.#texts ??= this.#lines.map((line) =>
      typeof line === 'string' ? this.#parse(line).text : JSON.stringify(line),
    )
    return this.#texts
  }

  /**
   * The part between the known members is the data, if it is valid JSON by itself. If not, the line has members that
   * were not expected, and is parsed whole.
   */
  #parse(line: string): { readonly value: JsonData; readonly text: string } {
    const end = line.indexOf(tail, Math.max(line.length - tailChars, this.#prefix.length))
    if (end !== -1) {
      try {
        const text = line.slice(this.#prefix.length, end)
        return { value: asData(JSON.parse(text)), text }
      } catch {
        // Looked at again below.
      }
    }
    const incoming = parseLine(line)
    if (incoming.kind === 'garbage' || incoming.message.type !== 'RECORD') throw notAMessage()
    const value = asData(incoming.message.record.data)
    return { value, text: JSON.stringify(value) }
  }
}

function emittedAt(line: string): number {
  const digits = /,"emitted_at":(\d+)\}\}$/.exec(line.slice(-tailChars))?.[1]
  return digits === undefined ? 0 : Number(digits)
}

/** A line of input that cannot be told: going on would lose a row without a word. */
export function notAMessage(): Error {
  return systemError('A line of the input is not an Airbyte message, so rows may be lost: the sender should be mended.')
}

export function asData(value: unknown): JsonData {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw notAMessage()
  return value as JsonData
}
