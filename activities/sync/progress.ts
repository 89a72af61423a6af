import type { AssetKey, Scope } from '../../orchestrator/contract/index.ts'
import type { Store } from '../../orchestrator/store/store.ts'
import { openStepLog, type StepLog } from '../runtime/index.ts'
import type { BatchTally } from './book.ts'

const everyMs = 1_000

type FateCounts = Readonly<Record<'accepted' | 'skipped' | 'rejected' | 'unknown', number>>

export interface ProgressTarget {
  readonly scope: Scope
  readonly run: string
  readonly step: string
  readonly sync: AssetKey
  readonly syncRun: string
  /** Rows of the whole sync run. */
  readonly total: number
  /** Rows whose fates earlier attempts have found. */
  readonly known: FateCounts
}

/**
 * Tells the store, about once a second, how many rows have which fate, and what the destination's program said. What
 * cannot be told is no reason to stop sending.
 */
export class Progress {
  readonly #store: Pick<Store, 'events' | 'logs'>
  readonly #target: ProgressTarget
  readonly #counts: { -readonly [Fate in keyof FateCounts]: number }
  readonly #timer: NodeJS.Timeout
  readonly #log: StepLog
  #changed = false
  #telling: Promise<void> = Promise.resolve()

  constructor(store: Pick<Store, 'events' | 'logs'>, target: ProgressTarget) {
    this.#store = store
    this.#target = target
    const { accepted, skipped, rejected, unknown } = target.known
    const { scope, run, step } = target
    this.#log = openStepLog(store.logs, { ...scope, run, step: { id: step } }, () => new Date())
    this.#counts = { accepted, skipped, rejected, unknown }
    this.#timer = setInterval(() => this.#tell(), everyMs)
    this.#timer.unref()
  }

  add({ rows, exceptions }: BatchTally): void {
    this.#changed = true
    this.#counts.accepted += rows - exceptions.length
    for (const { fate } of exceptions) this.#counts[fate]++
  }

  readonly log = ({ level, text }: { readonly level: string; readonly text: string }): void => {
    this.#log.write('structured', `${level} ${text}`)
  }

  /** Tells what is left to tell. */
  async end(): Promise<void> {
    clearInterval(this.#timer)
    this.#tell()
    await Promise.all([this.#telling, this.#log.close()])
  }

  #tell(): void {
    this.#telling = this.#telling.then(() => this.#append()).catch(() => undefined)
  }

  async #append(): Promise<void> {
    const { scope, run, sync, syncRun, total } = this.#target
    if (!this.#changed) return
    this.#changed = false
    const data = { syncRun, total, ...this.#counts }
    await this.#store.events.append({ scope, run, asset: sync, type: 'sync_progress', data })
  }
}
