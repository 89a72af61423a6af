import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { rateLimitsVariable, type RateAnswer, type RateLimit, type RateRequest } from '../protocol/index.ts'
import { transientError } from './errors.ts'
import { localLimiters, type Limiter, type Limiters } from './limiter.ts'

/** The runner's, which all that write to the same place share, if it offers any; else this process's own. */
export function limitersOf(env: Readonly<Record<string, string | undefined>>): Limiters {
  const descriptor = Number(env[rateLimitsVariable] ?? '')
  if (!Number.isInteger(descriptor) || descriptor < 3) return localLimiters()
  try {
    return sharedLimiters(new Socket({ fd: descriptor, readable: true, writable: true }))
  } catch {
    // The variable was inherited by a program that was not given the descriptor.
    return localLimiters()
  }
}

interface Waiting {
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Limiters of whoever answers at the other end of the socket. */
export function sharedLimiters(socket: Socket): Limiters {
  const waiting = new Map<number, Waiting>()
  let asked = 0
  let gone: Error | null = null

  const lose = (): void => {
    gone ??= transientError(
      'The rate limits that are shared with others cannot be asked any more: their owner is gone.',
    )
    for (const { reject } of waiting.values()) reject(gone)
    waiting.clear()
  }
  socket.on('error', lose)
  socket.on('close', lose)
  createInterface({ input: socket }).on('line', (line) => {
    const { id, problem } = JSON.parse(line) as RateAnswer
    const one = waiting.get(id)
    waiting.delete(id)
    if (problem === undefined) one?.resolve()
    else one?.reject(transientError(`The rate limits that are shared with others cannot be asked: ${problem}`))
  })
  const say = (request: RateRequest): void => void socket.write(`${JSON.stringify(request)}\n`)

  const take = async (limit: string, rate: RateLimit, calls: number, signal?: AbortSignal): Promise<void> => {
    signal?.throwIfAborted()
    if (gone !== null) throw gone
    const id = ++asked
    const answered = new Promise<void>((resolve, reject) => waiting.set(id, { resolve, reject }))
    const onAbort = (): void => waiting.get(id)?.reject(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    say({ limit, ...rate, id, take: calls })
    try {
      await answered
    } finally {
      signal?.removeEventListener('abort', onAbort)
      waiting.delete(id)
    }
  }

  return (limit, rate): Limiter => ({
    take: (calls = 1, signal) => take(limit, rate, calls, signal),
    pause: (ms) => {
      if (gone === null) say({ limit, ...rate, pauseMs: ms })
    },
  })
}
