import type { Command } from 'commander'
import { TraitlineError, warehouseQueue, type AssetKey, type SyncRunOptions } from '../../contract/index.ts'
import type { SyncState } from '../../server/api.ts'
import { withApi } from '../api.ts'
import { line } from '../output.ts'
import { resolveAsset } from '../resolve-names.ts'
import { defaultConcurrency } from '../session.ts'
import type { CommandContext } from './context.ts'
import { watchToItsEnd } from './materialize.ts'
import { notASync, withSync } from './on-sync.ts'
import { positive, readsProject, type CommonOptions } from './options.ts'

interface RunOptions extends CommonOptions, Pick<SyncRunOptions, 'limit' | 'failed' | 'allowRemovals' | 'code'> {
  readonly wait: boolean
  readonly row?: string
}

const sealTimeoutMs = 60_000
const keyArgument = ['<key>', 'for example sync/at_risk_to_crm; the name alone will do'] as const

/** `sync run`, `retry` and `send`: runs of one sync that do something otherwise than usual; `pause` and `unpause`. */
export function syncOperationCommands(sync: Command, context: CommandContext): void {
  const runs = (name: string, description: string): Command =>
    readsProject(
      sync
        .command(name)
        .description(description)
        .argument(...keyArgument),
    ).option('--no-wait', 'start the run and leave it')

  runs('run', 'run one sync: all that differs, a sample, or only what was rejected')
    .option('--limit <rows>', 'send no more rows than that; the others stay to be sent', positive)
    .option('--failed', 'only rows that the destination rejected, whether or not their time has come')
    .option('--allow-removals', 'removals beyond the guard are right this once')
    .action((key: string, options: RunOptions) => startRun(context, key, options, options))

  runs('retry', 'send the rejected rows of a sync again now')
    .option('--code <code>', 'only those that were rejected with this code')
    .action((key: string, options: RunOptions) => startRun(context, key, options, { failed: true, code: options.code }))

  runs('send', 'send one row of a sync, if it differs from what was delivered')
    .requiredOption('--row <key>', 'the key of the row; it is sealed for the worker, and kept nowhere else')
    .action((key: string, options: RunOptions) => startRun(context, key, options, {}))

  readsProject(
    sync
      .command('pause')
      .description('have runs leave a sync out until it is unpaused')
      .argument(...keyArgument),
  )
    .option('--reason <text>', 'why, for others')
    .action((key: string, options: CommonOptions & { readonly reason?: string }) =>
      changePause(context, key, options, ({ store, revision }, asset) =>
        store.syncs.pause(revision.scope, asset, { by: 'user', reason: options.reason ?? null }),
      ),
    )

  readsProject(
    sync
      .command('unpause')
      .description('let a paused sync go on')
      .argument(...keyArgument),
  ).action((key: string, options: CommonOptions) =>
    changePause(context, key, options, ({ store, revision }, asset) => store.syncs.unpause(revision.scope, asset)),
  )
}

type Asked = { readonly [Name in 'limit' | 'failed' | 'allowRemovals' | 'code']?: SyncRunOptions[Name] | undefined }

async function startRun(
  context: CommandContext,
  key: string,
  { name, json, wait, row }: RunOptions,
  { limit, failed, code, allowRemovals }: Asked,
): Promise<void> {
  await withSync(context, { key, name, command: 'traitline sync' }, async ({ records, target, asset, warehouse }) => {
    const { store, launcher } = records
    const { scope, revision, manifest } = target
    const paused = (await store.syncs.paused(scope)).find((each) => each.sync === asset)
    if (paused !== undefined) throw isPaused(asset, paused.reason)
    const queue = warehouseQueue(warehouse, scope)
    const asked = { scope, revision, sync: asset, warehouseQueue: queue, timeoutMs: sealTimeoutMs }
    const sealedRow = row === undefined ? undefined : await launcher.sealRow({ ...asked, row })
    const started = await launcher.startRun({
      ...{ scope, revision, manifest, selection: asset, targets: [asset], force: false },
      ...{ concurrency: defaultConcurrency, warehouseQueue: queue },
      sync: {
        ...(limit !== undefined && { limit }),
        ...(failed === true && { failed }),
        ...(code !== undefined && { code }),
        ...(allowRemovals === true && { allowRemovals }),
        ...(sealedRow !== undefined && { sealedRow }),
      },
    })
    if (!wait) return line(json ? JSON.stringify(started) : started.run)
    await watchToItsEnd({ store, launcher, queue, terminal: context.terminal, json }, started.run)
  })
}

async function changePause(
  context: CommandContext,
  key: string,
  options: CommonOptions,
  change: (api: Parameters<Parameters<typeof withApi>[2]>[0], asset: AssetKey) => Promise<unknown>,
): Promise<void> {
  await withApi(context, options, async (api) => {
    const asset = resolveAsset(api, key)
    if (!asset.startsWith('sync/')) throw notASync(asset)
    await change(api, asset)
    const state = await api.get<SyncState>(`/syncs/${encodeURIComponent(asset)}`)
    if (options.json) return context.terminal.line(JSON.stringify(state, null, 2))
    const { paused } = state
    const why = paused?.reason === null || paused === null ? '' : ` (${paused.reason})`
    context.terminal.line(paused === null ? `${asset} goes on` : `${asset} is paused${why}: runs leave it out`)
  })
}

function isPaused(sync: string, reason: string | null): TraitlineError {
  return new TraitlineError({
    code: 'SYNC_PAUSED',
    message: `${sync} is paused${reason === null ? '' : `: ${reason}`}`,
    hint: `Let it go on first: traitline sync unpause ${sync}`,
    blame: 'user',
  })
}
