import { fileURLToPath } from 'node:url'
import type { SourceLocation } from '../contract/index.ts'

type Factory = (...args: never[]) => unknown

/**
 * Where the user called `factory`: the file's absolute path, and the line. One frame is asked of the engine, which
 * costs a few microseconds.
 */
export function locationOfCall(factory: Factory): SourceLocation | null {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 1
  const holder: { stack?: unknown } = {}
  Error.captureStackTrace(holder, factory)
  const stack = holder.stack
  Error.stackTraceLimit = limit
  return typeof stack === 'string' ? parseFrame(stack) : null
}

/** `at f (file:///x/a.ts:3:7)` or `at /x/a.ts:3:7`. */
export function parseFrame(stack: string): SourceLocation | null {
  const match = /\n\s+at (?:.*?\()?((?:file:\/\/)?\/[^\n]*?):(\d+):\d+\)?(?:\n|$)/.exec(stack)
  if (match === null) return null
  const [, path, line] = match as unknown as [string, string, string]
  const file = path.startsWith('file:') ? fileURLToPath(path) : path
  return { file: file.replace(/\?.*$/, ''), line: Number(line) }
}
