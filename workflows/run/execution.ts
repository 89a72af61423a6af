import { condition, workflowInfo } from '@temporalio/workflow'
import type {
  AssetOutcome,
  Failure,
  PlanPage,
  PlanStep,
  RunInput,
  RunProgress,
  RunResult,
  RunStatus,
  StepInput,
} from '../../orchestrator/contract/index.ts'
import { record } from '../activities.ts'
import { runStep } from './child.ts'
import { RunLedger, type CarriedLedger } from './ledger.ts'

/** When a run's workflow goes on in a new execution, with a new history. */
export interface HistoryBounds {
  /** Beyond these, no step is started until those under way have ended. */
  readonly mostEvents: number
  readonly mostBytes: number
  /** Steps that have to end in an execution before Temporal's suggestion is followed. */
  readonly leastSteps: number
}

/** Outcomes recorded in one local activity. */
const batch = 200

/** One execution of a run's workflow: a window of steps under way over the pages of a plan. */
export class RunExecution {
  readonly #input: RunInput
  readonly #bounds: HistoryBounds
  readonly #ledger: RunLedger
  readonly #resumed: boolean
  readonly #running = new Set<string>()
  readonly #unrecorded: AssetOutcome[] = []
  #nextPage: number | null = 0
  #force = false
  #startedSteps = 0
  #error: unknown

  constructor(input: RunInput, bounds: HistoryBounds, carried: CarriedLedger | null) {
    this.#input = input
    this.#bounds = bounds
    this.#ledger = new RunLedger(carried)
    this.#resumed = carried !== null
  }

  progress(): RunProgress {
    const { steps, endedSteps: ended, counts } = this.#ledger
    return { steps, ended, running: [...this.#running], counts }
  }

  /** Works the plan off. Answers null at its end, or what the next execution needs to go on. */
  async work(): Promise<CarriedLedger | null> {
    await this.#readPage()
    for (;;) {
      await this.#startWhatMay()
      await this.#record()
      if (this.#running.size === 0)
        return this.#ledger.hasReady || this.#nextPage !== null ? this.#ledger.carry() : null
      const busy = this.#running.size
      await condition(() => this.#running.size < busy || this.#error !== undefined)
      if (this.#error !== undefined) throw this.#error
    }
  }

  async finish(): Promise<RunResult> {
    const { counts } = this.#ledger
    const failed = counts.failed + counts.upstream_failed + counts.cancelled > 0 || this.#ledger.failedChecks
    return this.#end(failed ? 'failed' : 'succeeded', null)
  }

  /** After a cancellation, or where `failure` made going on pointless: what has not ended is recorded as cancelled. */
  async abandon(failure: Failure | null): Promise<void> {
    await condition(() => this.#running.size === 0)
    // Without a plan there is nothing to end but the run.
    if (this.#ledger.steps > 0) {
      while (this.#nextPage !== null) await this.#readPage()
      const rest = this.#ledger.remaining().map((name) => ({ ...name, status: 'cancelled' as const }))
      this.#ledger.count('cancelled', rest.length)
      this.#unrecorded.push(...rest)
      await this.#record()
    }
    await this.#end(failure === null ? 'cancelled' : 'failed', failure)
  }

  async #startWhatMay(): Promise<void> {
    while (this.#running.size < this.#input.concurrency && !this.#historyIsLong()) {
      const taken = this.#ledger.take()
      if (taken === null) {
        if (this.#nextPage === null) return
        await this.#readPage()
        continue
      }
      this.#unrecorded.push(...taken.blocked)
      if (taken.step !== null) this.#start(taken.step)
    }
  }

  #start(step: PlanStep): void {
    const { environment, project, run, revision, warehouseQueue } = this.#input
    const input: StepInput = { environment, project, run, revision, warehouseQueue, force: this.#force, step }
    this.#startedSteps++
    this.#running.add(step.id)
    runStep(input)
      .then((outcomes) => this.#ledger.end(step, outcomes))
      .catch((error: unknown) => (this.#error ??= error))
      .finally(() => this.#running.delete(step.id))
  }

  #historyIsLong(): boolean {
    const { historyLength, historySize, continueAsNewSuggested } = workflowInfo()
    if (historyLength > this.#bounds.mostEvents || historySize > this.#bounds.mostBytes) return this.#startedSteps > 0
    return continueAsNewSuggested && this.#running.size === 0 && this.#startedSteps >= this.#bounds.leastSteps
  }

  async #readPage(): Promise<void> {
    const page = await this.#page()
    this.#force = page.force
    this.#nextPage = page.next
    this.#ledger.add(page.steps)
  }

  async #page(): Promise<PlanPage> {
    const at = this.#nextPage ?? 0
    if (at > 0) return record.planPage({ run: this.#input.run, page: at })
    const page = await record.planRun(this.#input)
    if (!this.#resumed) this.#ledger.count('fresh', page.fresh)
    return page
  }

  async #record(): Promise<void> {
    const { environment, project, run } = this.#input
    while (this.#unrecorded.length > 0) {
      const outcomes = this.#unrecorded.slice(0, batch)
      await record.recordOutcomes({ environment, project, run, outcomes })
      this.#unrecorded.splice(0, outcomes.length)
    }
  }

  async #end(status: RunStatus, failure: Failure | null): Promise<RunResult> {
    const result: RunResult = { status, counts: this.#ledger.counts }
    await record.finishRun({ ...this.#input, result, failure })
    return result
  }
}
