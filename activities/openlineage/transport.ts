import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Delivery, JsonObject } from '../../orchestrator/contract/index.ts'

/** Where events go: the transports of OpenLineage's own clients, named as they name them. */
export type TransportConfig =
  | { readonly type: 'http'; readonly url: string; readonly apiKey: string | null }
  /** Appends a line for each event, or writes a file for each. */
  | { readonly type: 'file'; readonly path: string; readonly append: boolean }

export type Send = (event: JsonObject, signal: AbortSignal) => Promise<Delivery>

const timeoutMs = 10_000

export function createTransport(config: TransportConfig): Send {
  return config.type === 'http' ? httpTransport(config) : fileTransport(config)
}

function httpTransport({ url, apiKey }: Extract<TransportConfig, { type: 'http' }>): Send {
  const headers = {
    'content-type': 'application/json',
    ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
  }
  return async (event, signal) => {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers,
        body: JSON.stringify(event),
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      })
      await response.body?.cancel()
      if (response.ok) return { type: 'delivered' }
      const problem = `the endpoint answered ${response.status}`
      // A wrong key or path is mended by people: until then events wait.
      const final = response.status === 400 || response.status === 413 || response.status === 422
      return { type: final ? 'never' : 'later', problem }
    } catch {
      return { type: 'later', problem: 'the endpoint cannot be reached, or took too long' }
    }
  }
}

function fileTransport({ path, append }: Extract<TransportConfig, { type: 'file' }>): Send {
  return async (event) => {
    try {
      await mkdir(dirname(path), { recursive: true })
      if (append) await appendFile(path, `${JSON.stringify(event)}\n`)
      else
        await writeFile(
          `${path}-${String(event['eventTime']).replaceAll(/[^0-9TZ]/g, '')}-${nameOf(event)}.json`,
          JSON.stringify(event),
        )
      return { type: 'delivered' }
    } catch (error) {
      return {
        type: 'later',
        problem: `the file cannot be written: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`,
      }
    }
  }
}

/** The same event again is the same file again. */
function nameOf(event: JsonObject): string {
  const { runId } = event['run'] as { readonly runId: string }
  return `${runId}-${String(event['eventType']).toLowerCase()}`
}
