import { CancelledFailure, Context } from '@temporalio/activity'
import { ApplicationFailure, type Client } from '@temporalio/client'
import type {
  Activities,
  AssetKey,
  AssetOutcome,
  DryRunActivities,
  Failure,
  LeaseActivities,
  PlanStep,
  RunResult,
  StepInput,
  StepOutcome,
} from '../../orchestrator/contract/index.ts'

export type Behaviour = (input: StepInput, attempt: number) => Promise<StepOutcome | void> | StepOutcome | void

export interface Story {
  readonly steps: readonly PlanStep[]
  readonly pageSize?: number
  readonly fresh?: number
  /** What a step's activity does; a step that says nothing materialises its assets. */
  readonly work?: Readonly<Record<string, Behaviour>>
  /** What every other step does. */
  readonly otherwise?: Behaviour
  readonly freshSyncs?: readonly string[]
  readonly failingSends?: readonly string[]
  /** Syncs of which an attempt to freeze has recorded this before it was lost. */
  readonly lostFreezes?: Readonly<Record<string, AssetOutcome>>
  /** When the first evaluation of its conditions asks for a second one; never unless told. */
  readonly evaluateAgainInMs?: number
  /** Who hands out slots. */
  readonly leases?: LeaseActivities
}

/** What happened, as a record in Postgres would know it. */
export class Recorded {
  readonly outcomes = new Map<AssetKey, AssetOutcome>()
  readonly trail: string[] = []
  readonly waited: string[] = []
  result: RunResult | null = null
  failure: Failure | null = null
  most = 0
  plans = 0
  #busy = 0

  get statuses(): Record<string, string> {
    return Object.fromEntries([...this.outcomes].map(([key, outcome]) => [key, outcome.status]))
  }

  keep(outcomes: readonly AssetOutcome[]): void {
    for (const outcome of outcomes) if (!this.outcomes.has(outcome.asset)) this.outcomes.set(outcome.asset, outcome)
  }

  async during<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.trail.push(`start ${name}`)
    this.most = Math.max(this.most, ++this.#busy)
    try {
      return await work()
    } finally {
      this.#busy--
      this.trail.push(`end ${name}`)
    }
  }
}

export function materialized(asset: AssetKey, failedChecks: readonly string[] = []): AssetOutcome {
  return { asset, status: 'materialized', dataVersion: 'v:1', rows: 1, durationMs: 1, failedChecks, summary: null }
}

export const broken: Failure = { code: 'BROKEN', message: 'the model is broken', hint: 'mend it', blame: 'user' }

export function fails(failure: Failure = broken): Behaviour {
  return () => {
    throw ApplicationFailure.create({
      type: failure.code,
      message: failure.message,
      nonRetryable: true,
      details: [failure],
    })
  }
}

/** Waits, heartbeating, until it is cancelled. */
export async function untilCancelled(): Promise<never> {
  const context = Context.current()
  const beat = setInterval(() => !context.info.isLocal && context.heartbeat(), 100)
  try {
    return await context.cancelled
  } catch (error) {
    throw error instanceof CancelledFailure ? error : new CancelledFailure('cancelled')
  } finally {
    clearInterval(beat)
  }
}

/** Activities without a warehouse: for tests of workflows alone. */
export function stubActivities(story: Story, recorded: Recorded, client: Client): Activities & DryRunActivities {
  const size = story.pageSize ?? 100
  const page = (at: number) => ({
    steps: story.steps.slice(at * size, (at + 1) * size),
    fresh: story.fresh ?? 0,
    force: false,
    next: (at + 1) * size < story.steps.length ? at + 1 : null,
  })
  const act = (input: StepInput): Promise<StepOutcome> =>
    recorded.during(input.step.id, async () => {
      const behave = story.work?.[input.step.id] ?? story.otherwise
      const outcome = (await behave?.(input, Context.current().info.attempt)) ?? {
        assets: input.step.assets.map((asset) => materialized(asset.key)),
      }
      recorded.keep(outcome.assets)
      return outcome
    })
  return {
    async planRun() {
      recorded.plans++
      return page(0)
    },
    async planPage(input) {
      return page(input.page)
    },
    async recordOutcomes(input) {
      recorded.keep(input.outcomes)
      return input.outcomes.flatMap(({ asset, status }) => {
        const kept = recorded.outcomes.get(asset)
        return kept === undefined || kept.status === status ? [] : [kept]
      })
    },
    async recordFailure({ step, failure }) {
      recorded.keep(
        step.assets.map(({ key: asset }) =>
          failure === null ? { asset, status: 'cancelled' } : { asset, status: 'failed', failure },
        ),
      )
      return { assets: step.assets.map((asset) => recorded.outcomes.get(asset.key) as AssetOutcome) }
    },
    async finishRun(input) {
      recorded.result = input.result
      recorded.failure = input.failure
    },
    // Every slot is free unless a story brings a keeper of its own.
    acquireLease: async () => ({ granted: true }),
    releaseLease: async () => undefined,
    ...story.leases,
    async awaitStep({ workflowId }) {
      recorded.waited.push(workflowId)
      const context = Context.current()
      const beat = setInterval(() => context.heartbeat(), 100)
      const ended = client.workflow.getHandle(workflowId).result()
      try {
        await Promise.race([ended.catch(() => undefined), context.cancelled])
      } finally {
        clearInterval(beat)
      }
    },
    async finishChecks({ status }) {
      recorded.trail.push(`checks ${status}`)
    },
    async judgeFreshness() {
      recorded.trail.push('judge')
      // Once more, and then never.
      return { changesInMs: recorded.trail.filter((what) => what === 'judge').length === 1 ? 100 : null }
    },
    async checkAssets({ assets }) {
      recorded.trail.push(`check ${assets.join(', ')}`)
      return { passed: assets.length, warned: 0, failed: 0, skipped: 0 }
    },
    async dryRunSync({ sync }) {
      recorded.trail.push(`dry run of ${sync}`)
    },
    observeSource: act,
    buildDbtModels: act,
    runNotebook: act,
    materializeTrait: act,
    materializeUserModel: act,
    materializeAudience: act,
    async freezeSync(input) {
      recorded.trail.push(`freeze ${input.step.id}`)
      const lost = story.lostFreezes?.[input.step.id]
      if (lost !== undefined) recorded.keep([lost])
      return {
        fresh: lost !== undefined || story.freshSyncs?.includes(input.step.id) === true,
        syncRun: 'sync-run',
        batches: 1,
      }
    },
    async sendSync(input) {
      recorded.trail.push(`send ${input.step.id}`)
      if (story.failingSends?.includes(input.step.id)) await fails()(input, 1)
    },
    async settleSync(input) {
      recorded.trail.push(`settle ${input.step.id}${input.failure === null ? '' : ` after ${input.failure.code}`}`)
      if (input.failure !== null) return { assets: [] }
      return act(input)
    },
  }
}
