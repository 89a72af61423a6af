import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { runDestination, type Destination } from '../../connectors/kit/index.ts'
import {
  formatMessage,
  readMessages,
  type AirbyteMessage,
  type AirbyteStateMessage,
  type ConfiguredAirbyteCatalog,
  type ConfiguredAirbyteStream,
  type JsonData,
} from '../../connectors/protocol/index.ts'
import { tempDir } from './temp.ts'

export interface ProgramRun {
  readonly code: number
  readonly messages: AirbyteMessage[]
  readonly states: AirbyteStateMessage[]
  /** Texts of LOG and TRACE messages. */
  readonly said: string
}

/** Runs one command of a destination in this process; `input` is lines, or a stream of bytes. */
export async function runProgram(
  destination: Destination,
  command: 'spec' | 'check' | 'discover' | 'write',
  files: { readonly config?: unknown; readonly catalog?: ConfiguredAirbyteCatalog } = {},
  input: Iterable<string> | AsyncIterable<string> | Readable = [],
  signal: AbortSignal = new AbortController().signal,
): Promise<ProgramRun> {
  const argv: string[] = [command]
  const folder = await tempDir()
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), JSON.stringify(content))
    argv.push(`--${name}`, join(folder, name))
  }
  const output = new PassThrough()
  const stream = input instanceof Readable ? input : Readable.from(toBuffers(input))
  const collected = collect(output)
  const code = await runDestination(destination, { argv, input: stream, output, signal })
  output.end()
  return { code, ...(await collected) }
}

async function* toBuffers(lines: Iterable<string> | AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const line of lines) yield Buffer.from(line)
}

async function collect(output: AsyncIterable<Buffer>): Promise<Omit<ProgramRun, 'code'>> {
  const messages: AirbyteMessage[] = []
  for await (const incoming of readMessages(output)) {
    for (const one of incoming) {
      if (one.kind === 'garbage') throw new Error(`not a message: ${one.text}`)
      messages.push(one.message)
    }
  }
  return {
    messages,
    states: messages.flatMap((message) => (message.type === 'STATE' ? [message.state] : [])),
    said: messages
      .map((message) => {
        if (message.type === 'LOG') return message.log.message
        if (message.type === 'TRACE') return message.trace.error?.message ?? ''
        return message.type === 'CONNECTION_STATUS' ? (message.connectionStatus.message ?? '') : ''
      })
      .filter((text) => text !== '')
      .join('\n'),
  }
}

/** A configured stream; by default of text columns, appended. */
export function configuredStream(
  name: string,
  columns: readonly string[] | JsonData,
  rest: Partial<ConfiguredAirbyteStream> = {},
): ConfiguredAirbyteStream {
  const properties = Array.isArray(columns)
    ? Object.fromEntries((columns as readonly string[]).map((column) => [column, { type: ['null', 'string'] }]))
    : columns
  return {
    stream: { name, json_schema: { type: 'object', properties }, supported_sync_modes: ['full_refresh'] },
    sync_mode: 'full_refresh',
    destination_sync_mode: 'append',
    ...rest,
  }
}

export function recordLine(stream: string, data: JsonData): string {
  return formatMessage({ type: 'RECORD', record: { stream, data, emitted_at: 1 } })
}

export function stateLine(stream: string, batch: number, id = `run:${batch}`): string {
  return formatMessage({
    type: 'STATE',
    state: { type: 'STREAM', stream: { stream_descriptor: { name: stream }, stream_state: { batch, id } } },
  })
}
