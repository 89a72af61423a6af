import { LineSplitter } from './line-splitter.ts'
import { bodyNames, type AirbyteMessage } from './messages.ts'

export type Incoming =
  | { readonly kind: 'message'; readonly message: AirbyteMessage }
  /** A line that is no message: at most its first 2,000 characters. */
  | { readonly kind: 'garbage'; readonly text: string }

export const defaultMaxLineBytes = 64 * 1024 * 1024
const garbageChars = 2_000

/**
 * One line as a message. A state whose envelope was forgotten, `{"type":"STREAM","stream":...}`, as a known connector
 * prints it, is taken for the state that it is.
 */
export function parseLine(line: string): Incoming {
  const value = parseJson(line)
  if (typeof value !== 'object' || value === null) return garbage(line)
  const message = value as { readonly type?: unknown } & Record<string, unknown>
  const type = message.type
  if (type === 'STREAM' || type === 'GLOBAL') {
    const body = message[type.toLowerCase()]
    if (typeof body !== 'object' || body === null) return garbage(line)
    return { kind: 'message', message: { type: 'STATE', state: value } }
  }
  if (typeof type !== 'string' || !Object.hasOwn(bodyNames, type)) return garbage(line)
  const body = message[bodyNames[type as AirbyteMessage['type']]]
  if (typeof body !== 'object' || body === null) return garbage(line)
  return { kind: 'message', message: value as AirbyteMessage }
}

export function garbage(line: string): Incoming {
  return { kind: 'garbage', text: line.slice(0, garbageChars) }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** A connector's output, all that a chunk of bytes completes at a time. */
export async function* readMessages(
  stream: AsyncIterable<Buffer>,
  maxLineBytes = defaultMaxLineBytes,
): AsyncGenerator<Incoming[]> {
  let incoming: Incoming[] = []
  const splitter = new LineSplitter(maxLineBytes, (bytes) =>
    incoming.push({ kind: 'garbage', text: `(a line of ${bytes} bytes)` }),
  )
  for await (const chunk of stream) {
    for (const line of splitter.push(chunk)) if (line.trim() !== '') incoming.push(parseLine(line))
    if (incoming.length > 0) yield incoming
    incoming = []
  }
  const last = splitter.end()
  if (last !== null && last.trim() !== '') incoming.push(parseLine(last))
  if (incoming.length > 0) yield incoming
}
