import type { ScheduleOptions, ScheduleOptionsStartWorkflowAction } from '@temporalio/client'
import type { Workflow } from '@temporalio/common'
import {
  cronName,
  cronTickWorkflowType,
  cronTriggers,
  pollSensorWorkflowType,
  projectQueue,
  type CronTrigger,
  type Manifest,
  type OverlapPolicy,
  type Scope,
  type SensorSpec,
} from '../contract/index.ts'
import { cronSpec } from './cron-spec.ts'

type Options = ScheduleOptions<ScheduleOptionsStartWorkflowAction<Workflow>>

export interface WantedSchedule extends Pick<Options, 'spec' | 'action' | 'policies'> {
  readonly name: string
}

export function scheduleId(scope: Scope, name: string): string {
  return `${scope.environment}/${scope.project}/schedule/${name}`
}

/** The crons of a manifest, each once however many assets have it. */
function cronsOf(manifest: Manifest): ReadonlyMap<string, CronTrigger> {
  return new Map(
    manifest.assets
      .flatMap(({ automation }) => (automation === undefined ? [] : cronTriggers(automation)))
      .map((trigger) => [cronName(trigger), trigger]),
  )
}

export function wantedSchedules(scope: Scope, manifest: Manifest, now: Date): WantedSchedule[] {
  return [
    ...[...cronsOf(manifest)].map(([name, trigger]) => ofCron(scope, name, trigger, now)),
    ...(manifest.sensors ?? []).map((sensor) => ofSensor(scope, sensor)),
  ]
}

const overlaps: Readonly<Record<OverlapPolicy, 'SKIP' | 'BUFFER_ONE' | 'BUFFER_ALL' | 'CANCEL_OTHER' | 'ALLOW_ALL'>> = {
  skip: 'SKIP',
  buffer_one: 'BUFFER_ONE',
  buffer_all: 'BUFFER_ALL',
  cancel_other: 'CANCEL_OTHER',
  allow_all: 'ALLOW_ALL',
}

function ofCron(scope: Scope, cron: string, trigger: CronTrigger, now: Date): WantedSchedule {
  const { environment, project } = scope
  const name = `cron/${cron}`
  return {
    name,
    spec: { ...cronSpec(trigger.cron, trigger.timeZone, now) },
    action: {
      type: 'startWorkflow',
      workflowType: cronTickWorkflowType,
      workflowId: scheduleId(scope, name),
      taskQueue: projectQueue(scope),
      args: [{ environment, project, cron }],
      staticSummary: cron,
    },
    policies: { overlap: overlaps[trigger.overlap], catchupWindow: trigger.catchUpSeconds * 1_000 },
  }
}

/** One at a time, and what was missed is not made up for: the next one sees it all. */
function ofSensor(scope: Scope, { name: sensor, everySeconds, timeoutSeconds }: SensorSpec): WantedSchedule {
  const { environment, project } = scope
  const name = `sensor/${sensor}`
  return {
    name,
    spec: { intervals: [{ every: everySeconds * 1_000 }] },
    action: {
      type: 'startWorkflow',
      workflowType: pollSensorWorkflowType,
      workflowId: scheduleId(scope, name),
      taskQueue: projectQueue(scope),
      args: [{ environment, project, sensor, timeoutSeconds }],
      staticSummary: name,
    },
    policies: { overlap: 'SKIP', catchupWindow: 10_000 },
  }
}
