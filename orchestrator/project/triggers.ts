import { TraitlineError, type CodeRef, type SensorSpec, type WebhookSpec } from '../contract/index.ts'
import type { AssetSpec } from '../contract/index.ts'
import type { Definition } from '../define/definition.ts'
import type { Project } from '../define/project.ts'
import type { Sensor } from '../define/sensor.ts'
import type { WebhookTrigger } from '../define/webhook-trigger.ts'
import { buildGraph, select } from '../graph/index.ts'
import type { Context } from './context.ts'
import { loadProject } from './load.ts'
import { hashModule } from './user-code.ts'

/** Sooner than this a schedule of Temporal's is not kept well. */
const leastEverySeconds = 5

export function compileSensor(dir: string, sensor: Sensor, context: Context): SensorSpec {
  const { name, description, everySeconds, timeoutSeconds } = sensor
  if (everySeconds < leastEverySeconds) {
    context.report(sensor, `it is asked every ${everySeconds} s`, `Ask it every ${leastEverySeconds}s at most`)
  }
  const definedAt = context.locate(sensor.definedAt)
  const resources = sensor.resources.map((resource) => resource.name)
  return {
    ...{ name, description, everySeconds, timeoutSeconds, code: codeOf(dir, sensor, context), definedAt },
    ...(resources.length > 0 && { resources }),
  }
}

export function compileWebhook(
  dir: string,
  webhook: WebhookTrigger,
  assets: readonly Pick<AssetSpec, 'key' | 'deps' | 'kind' | 'tags' | 'owners' | 'group'>[],
  context: Context,
): WebhookSpec {
  const { name, description, secret, timeoutSeconds } = webhook
  if ((webhook.select === null) === (webhook.run === null)) {
    context.report(webhook, 'it has to have either select or run', 'Name what a delivery materialises')
  }
  if (webhook.select !== null) {
    try {
      select(buildGraph(assets), webhook.select)
    } catch (error) {
      if (!(error instanceof TraitlineError)) throw error
      context.report(webhook, `its select "${webhook.select}" does not fit: ${error.message}`, error.hint)
    }
  }
  const code = webhook.run === null ? null : codeOf(dir, webhook, context)
  const definedAt = context.locate(webhook.definedAt)
  return { name, description, secret, select: webhook.select, code, timeoutSeconds, definedAt }
}

/** By the file that it stands in, and its name there: functions may be written in place. */
function codeOf(dir: string, definition: Definition, context: Context): CodeRef {
  const module = context.locate(definition.definedAt)?.file ?? ''
  const hash = module === '' ? null : hashModule(dir, module)
  if (hash === null) {
    context.report(definition, 'the file that it stands in is not in the project’s folder', 'Write it in the project')
  }
  return { module, export: definition.name, hash: hash ?? '' }
}

/** Functions that were loaded, by where they are from: a sensor is asked often, and its file rarely changes. */
const loaded = new Map<string, Run>()
const mostLoaded = 1_000

type Run = (...input: never[]) => unknown

/**
 * The function of a sensor or a webhook, from the project's folder; its module's state lasts as long as its file stays
 * as it is. Throws USER_CODE_CHANGED if its file, or one that
 * this imports, is not what was deployed.
 */
export async function loadTrigger(dir: string, kind: 'sensor' | 'webhook', code: CodeRef): Promise<Run> {
  if (hashModule(dir, code.module) === code.hash) {
    const id = [dir, kind, code.export, code.module, code.hash].join('\n')
    const known = loaded.get(id)
    if (known !== undefined) return known
    const project: Project = await loadProject(dir)
    const found = project.refs.find((ref) => ref.kind === kind && ref.name === code.export)
    const run = (found as Sensor | WebhookTrigger | undefined)?.run
    if (typeof run === 'function') {
      if (loaded.size >= mostLoaded) loaded.clear()
      loaded.set(id, run as Run)
      return run as Run
    }
  }
  throw new TraitlineError({
    code: 'USER_CODE_CHANGED',
    message: `${kind} ${code.export} in ${code.module} is not what was deployed`,
    hint: 'Deploy the project again, or let this worker run on the folder of the revision.',
    blame: 'config',
  })
}
