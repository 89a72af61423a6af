import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  formatMessage,
  readMessages,
  type AirbyteMessage,
  type AirbyteStateMessage,
  type ConfiguredAirbyteCatalog,
  type ConfiguredAirbyteStream,
  type JsonData,
} from '../../protocol/index.ts'

import type { ConformanceTarget } from './target.ts'

export interface Exchange {
  readonly code: number | null
  readonly messages: readonly AirbyteMessage[]
  readonly states: readonly AirbyteStateMessage[]
  readonly text: string
}

/** Runs the target's program, and makes rows and states for it. */
export class Trial {
  readonly target: ConformanceTarget
  #rows = 0
  #batches = 0

  constructor(target: ConformanceTarget) {
    this.target = target
  }

  record(text?: string): string {
    const data = this.target.row(this.#rows++, text)
    return formatMessage({ type: 'RECORD', record: { stream: this.target.stream.stream.name, data, emitted_at: 1 } })
  }

  records(count: number): string {
    return Array.from({ length: count }, () => this.record()).join('')
  }

  state(): AirbyteStateMessage {
    const batch = this.#batches++
    const stream_descriptor = { name: this.target.stream.stream.name }
    return {
      type: 'STREAM',
      stream: { stream_descriptor, stream_state: { batch, id: `${process.pid}:${Date.now()}:${batch}` } },
    }
  }

  write(
    input: string,
    options: { config?: JsonData; stream?: Partial<ConfiguredAirbyteStream>; stop?: boolean } = {},
  ): Promise<Exchange> {
    const catalog = { streams: [{ ...this.target.stream, ...options.stream }] }
    const files = { config: options.config ?? this.target.config, catalog }
    return this.exchange('write', files, input, options.stop ?? false)
  }

  /** With `stop`, the input stays open and the program is told to stop once its output begins. */
  async exchange(
    operation: string,
    files: { readonly config?: JsonData; readonly catalog?: ConfiguredAirbyteCatalog },
    input = '',
    stop = false,
  ): Promise<Exchange> {
    const folder = await mkdtemp(join(tmpdir(), 'conformance-'))
    try {
      const args = [...(this.target.args ?? []), operation]
      for (const [name, content] of Object.entries(files)) {
        const path = join(folder, `${name}.json`)
        await writeFile(path, JSON.stringify(content), { mode: 0o600 })
        args.push(`--${name}`, path)
      }
      return await this.#converse(args, input, stop)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  async #converse(args: readonly string[], input: string, stop: boolean): Promise<Exchange> {
    const { command, env, timeoutMs, messageErrors } = this.target
    const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] })
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      child.kill('SIGKILL')
    }, timeoutMs)
    const exited = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    child.stdin.on('error', () => undefined)
    let text = ''
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    child.stdin.write(input)
    if (!stop) child.stdin.end()
    const messages: AirbyteMessage[] = []
    for await (const incoming of readMessages(child.stdout)) {
      if (stop) child.kill('SIGTERM')
      for (const one of incoming) {
        text += one.kind === 'garbage' ? one.text : JSON.stringify(one.message)
        if (one.kind === 'message') messages.push(one.message)
      }
    }
    const code = await exited
    clearTimeout(timer)
    assert.equal(timedOut, false, `the program did not end within ${timeoutMs} ms; it said: ${text.slice(-1_000)}`)
    const faults = messages.flatMap((message) => messageErrors(message).map((fault) => `${message.type}: ${fault}`))
    assert.deepEqual(faults, [], 'messages that are not as the protocol declares them')
    const states = messages.flatMap((message) => (message.type === 'STATE' ? [message.state] : []))
    return { code, messages, states, text }
  }
}
