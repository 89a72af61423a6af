import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type Client,
  type ScheduleHandle,
  type ScheduleOptions,
  type ScheduleOptionsStartWorkflowAction,
} from '@temporalio/client'
import type { Workflow } from '@temporalio/common'
import { TraitlineError, type Manifest, type Scope } from '../contract/index.ts'
import { temporalError } from './errors.ts'
import { scheduleId, wantedSchedules, type WantedSchedule } from './wanted-schedules.ts'

export interface ScheduleRow {
  /** `cron/0 6 * * * Europe/Berlin`, `sensor/new_orders`. */
  readonly name: string
  readonly paused: boolean
  /** Why it is paused, in the words of whoever did it. */
  readonly note: string | null
  readonly nextTimes: readonly string[]
  readonly recent: readonly { readonly scheduledAt: string; readonly startedAt: string }[]
  /** How often it was left out since what came before was under way. */
  readonly skipped: number
  readonly missed: number
}

/** What Temporal keeps the times of: crons and sensors of a project. */
export interface Schedules {
  /**
   * Makes Temporal's schedules what the manifest says: as often as one likes. One that is paused stays paused. Answers
   * the names of those that came and went.
   */
  reconcile(scope: Scope, manifest: Manifest): Promise<{ readonly created: string[]; readonly removed: string[] }>
  list(scope: Scope): Promise<ScheduleRow[]>
  pause(scope: Scope, name: string, note: string): Promise<void>
  resume(scope: Scope, name: string): Promise<void>
  /** As if its time had come, whatever its overlap policy. Temporal names what it starts by the second: twice in one is once. */
  trigger(scope: Scope, name: string): Promise<void>
}

const callTimeoutMs = 20_000

type Options = ScheduleOptions<ScheduleOptionsStartWorkflowAction<Workflow>>

export function createSchedules(client: Client, clock: () => Date = () => new Date()): Schedules {
  const where = { address: 'its address', namespace: client.options.namespace }

  async function call<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await client.withDeadline(Date.now() + callTimeoutMs, work)
    } catch (error) {
      if (error instanceof ScheduleAlreadyRunning || error instanceof ScheduleNotFoundError) throw error
      throw temporalError(error, where)
    }
  }

  async function names(scope: Scope): Promise<string[]> {
    const prefix = scheduleId(scope, '')
    return call(async () => {
      const found: string[] = []
      for await (const { scheduleId: id } of client.schedule.list({ pageSize: 200 })) {
        if (id.startsWith(prefix)) found.push(id.slice(prefix.length))
      }
      return found.sort()
    })
  }

  /** True if it was not there. */
  async function ensure(scope: Scope, wanted: WantedSchedule): Promise<boolean> {
    const id = scheduleId(scope, wanted.name)
    const { spec, action, policies } = wanted
    const options: Options = { scheduleId: id, spec, action, policies }
    try {
      await call(() => client.schedule.create(options))
      return true
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error
    }
    const change = { spec, action, policies }
    await call(() => client.schedule.getHandle(id).update(({ state }) => ({ ...change, state })))
    return false
  }

  async function change(scope: Scope, name: string, work: (handle: ScheduleHandle) => Promise<void>) {
    try {
      await call(() => work(handleOf(scope, name)))
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) throw unknown(name, await names(scope))
      throw error
    }
  }

  const handleOf = (scope: Scope, name: string) => client.schedule.getHandle(scheduleId(scope, name))

  return {
    async reconcile(scope, manifest) {
      const wanted = wantedSchedules(scope, manifest, clock())
      const keep = new Set(wanted.map(({ name }) => name))
      const created: string[] = []
      for (const schedule of wanted) if (await ensure(scope, schedule)) created.push(schedule.name)
      const removed = (await names(scope)).filter((name) => !keep.has(name))
      for (const name of removed) {
        await call(() => handleOf(scope, name).delete()).catch((error: unknown) => {
          if (!(error instanceof ScheduleNotFoundError)) throw error
        })
      }
      return { created, removed }
    },

    async list(scope) {
      const found = await names(scope)
      const rows = await Promise.all(
        found.map(async (name): Promise<ScheduleRow[]> => {
          const description = await call(() => handleOf(scope, name).describe()).catch((error: unknown) => {
            if (error instanceof ScheduleNotFoundError) return null
            throw error
          })
          if (description === null) return []
          const { info, state } = description
          return [
            {
              name,
              paused: state.paused,
              note: state.paused && state.note !== undefined ? state.note : null,
              nextTimes: info.nextActionTimes.slice(0, 5).map((time) => time.toISOString()),
              recent: info.recentActions.map(({ scheduledAt, takenAt }) => ({
                scheduledAt: scheduledAt.toISOString(),
                startedAt: takenAt.toISOString(),
              })),
              skipped: info.numActionsSkippedOverlap,
              missed: info.numActionsMissedCatchupWindow,
            },
          ]
        }),
      )
      return rows.flat()
    },

    pause: (scope, name, note) =>
      change(scope, name, async (handle) => {
        await handle.pause(note === '' ? 'paused' : note)
        await untilPaused(handle, true)
      }),
    resume: (scope, name) =>
      change(scope, name, async (handle) => {
        await handle.unpause()
        await untilPaused(handle, false)
      }),
    trigger: (scope, name) => change(scope, name, (handle) => handle.trigger('ALLOW_ALL')),
  }
}

const settleMs = 5_000
const pollMs = 50

/** Temporal takes such a change on before it is carried out: whoever asks next shall see it. */
async function untilPaused(handle: ScheduleHandle, paused: boolean): Promise<void> {
  const deadline = Date.now() + settleMs
  while ((await handle.describe()).state.paused !== paused && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}

function unknown(name: string, names: readonly string[]): TraitlineError {
  return new TraitlineError({
    code: 'SCHEDULE_UNKNOWN',
    message: `there is no schedule "${name}"${names.length === 0 ? '' : `, only ${names.slice(0, 5).join(', ')}`}`,
    hint: 'List them: traitline schedules list. They are made of the project’s crons and sensors by `traitline deploy`.',
    blame: 'user',
  })
}
