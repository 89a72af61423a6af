import type { ChatPostMessageArguments, KnownBlock } from '@slack/web-api'
import type { JsonData } from '../kit/index.ts'

export type Message = ChatPostMessageArguments
export interface Refusal {
  readonly code: string
  readonly message: string
}

/** A row as a message, or why it is none. Fields: `text`, `blocks` (a list, or its JSON text), `thread_ts`. */
export function messageOf(
  channel: string,
  row: JsonData,
): { readonly message: Message } | { readonly refusal: Refusal } {
  const { text, blocks: given, thread_ts: thread } = row
  if (!isTextOrUnset(text)) return refusal('invalid_text', 'text is not a text.')
  if (!isTextOrUnset(thread)) return refusal('invalid_thread_ts', 'thread_ts is not a text.')
  const blocks = blocksOf(given)
  if (blocks === null) return refusal('invalid_blocks_format', 'blocks is not a list of blocks.')
  const hasText = typeof text === 'string' && text.trim() !== ''
  if (!hasText && blocks.length === 0) return refusal('no_text', 'There is neither text nor blocks.')
  const message = {
    channel,
    text: hasText ? text : '',
    ...(blocks.length === 0 ? {} : { blocks }),
    ...(typeof thread === 'string' && thread !== '' ? { thread_ts: thread } : {}),
  }
  return { message: message as Message }
}

function refusal(code: string, message: string): { readonly refusal: Refusal } {
  return { refusal: { code, message } }
}

function isTextOrUnset(value: unknown): value is string | null | undefined {
  return value === null || value === undefined || typeof value === 'string'
}

function blocksOf(value: unknown): KnownBlock[] | null {
  if (value === null || value === undefined || value === '') return []
  const parsed = typeof value === 'string' ? parse(value) : value
  const valid = Array.isArray(parsed) && parsed.every((block) => typeof block === 'object' && block !== null)
  return valid ? (parsed as KnownBlock[]) : null
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
