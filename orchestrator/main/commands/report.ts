import { InvalidArgumentError, type Command } from 'commander'
import { isAutomated, TraitlineError, type AssetKey, type CheckResult, type JsonObject } from '../../contract/index.ts'
import { reportMaterialization } from '../../launch/index.ts'
import { findConnections } from '../connections.ts'
import { line } from '../output.ts'
import { latestRevision, openStore } from '../records.ts'
import { wakeProject } from '../wake-project.ts'
import type { CommandContext } from './context.ts'

interface Options {
  readonly dataVersion?: string
  readonly rows?: number
  readonly metadata?: JsonObject
  readonly failedCheck?: readonly string[]
  readonly passedCheck?: readonly string[]
  readonly startedAt?: string
  readonly durationMs?: number
  readonly idempotencyKey?: string
  readonly json: boolean
  readonly name?: string
}

export function reportCommand(program: Command, context: CommandContext): void {
  program
    .command('report')
    .description('say that an asset which others fill has been materialised')
    .argument('<key>', "of a source that is reportedBy: 'others'")
    .option('--data-version <version>', 'your name for the content: equal ones are equal content')
    .option('--rows <number>', 'how many rows it has', number)
    .option('--metadata <key=value>', 'a number or short text to keep with it; repeatable', entry)
    .option('--failed-check <name>', 'a check that failed: what is downstream waits; repeatable', collected)
    .option('--passed-check <name>', 'a check that passed; repeatable', collected)
    .option('--started-at <instant>', 'when it began, ISO 8601')
    .option('--duration-ms <number>', 'how long it took', number)
    .option('--idempotency-key <key>', 'a second report with the same key changes nothing')
    .option('--json', 'as JSON', false)
    .option('--name <project>', 'the project, if the environment has several')
    .action(async (key: string, options: Options) => {
      const connections = await findConnections(context.settings(), context.env)
      const store = openStore(connections, 'traitline report')
      try {
        const { scope, revision, manifest } = await latestRevision(
          store,
          context.settings().environment,
          options.name ?? null,
        )
        const spec = manifest.assets.find((asset) => asset.key === key)
        if (spec === undefined) throw unknown(key)
        const reported = await reportMaterialization(store, { scope, revision, spec }, reportOf(spec.key, options))
        if (reported.recorded && isAutomated(manifest)) await wakeProject(connections, scope)
        if (options.json) return line(JSON.stringify(reported))
        line(`${key}  ${reported.dataVersion}${reported.recorded ? '' : '  was reported before'}`)
      } finally {
        await store.close()
      }
    })
}

function reportOf(asset: AssetKey, options: Options) {
  const checks = (names: readonly string[] | undefined, passed: boolean): CheckResult[] =>
    (names ?? []).map((name) => ({ name, severity: 'error', passed, failures: null, message: null }))
  return {
    asset,
    dataVersion: options.dataVersion ?? null,
    rows: options.rows ?? null,
    metadata: options.metadata ?? {},
    checks: [...checks(options.passedCheck, true), ...checks(options.failedCheck, false)],
    startedAt: options.startedAt ?? null,
    durationMs: options.durationMs ?? null,
    idempotencyKey: options.idempotencyKey ?? null,
  }
}

function unknown(key: string): TraitlineError {
  return new TraitlineError({
    code: 'ASSET_NOT_FOUND',
    message: `the project has no asset ${key}`,
    hint: 'See what it has: traitline list',
    blame: 'user',
  })
}

function number(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value
  throw new InvalidArgumentError('It has to be a number from 0.')
}

function collected(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text]
}

/** `auc=0.81` is a number, `model=v7` a text. */
function entry(text: string, before: JsonObject = {}): JsonObject {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('Write it like auc=0.81.')
  const value = text.slice(at + 1)
  const isNumber = /^-?\d+(\.\d+)?$/.test(value) && Number.isSafeInteger(Math.trunc(Number(value)))
  return { ...before, [text.slice(0, at)]: isNumber ? Number(value) : value }
}
