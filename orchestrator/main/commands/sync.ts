import type { Command } from 'commander'
import { TraitlineError, warehouseQueue, type SyncDryRun, type SyncSamples } from '../../contract/index.ts'
import type { AssetPage, SyncRunList } from '../../server/api.ts'
import { withApi } from '../api.ts'
import { printDryRun } from '../print-dry-run.ts'
import { sealedBox } from '../sealed.ts'
import { printSyncRuns } from '../print-asset.ts'
import { resolveAsset } from '../resolve-names.ts'
import { printTable } from '../terminal/table.ts'
import { moment, statusPaint } from '../terminal/words.ts'
import type { CommandContext } from './context.ts'
import { notASync, withSync } from './on-sync.ts'
import { positive, readsProject, type CommonOptions } from './options.ts'
import { syncExposuresCommand } from './sync-exposures.ts'
import { syncOperationCommands } from './sync-operations.ts'
import { syncRejectsCommand } from './sync-rejects.ts'
import { syncPreviewCommand } from './sync-preview.ts'
import { syncSuggestCommand } from './sync-suggest.ts'
import { syncTestCommand } from './sync-test.ts'
import { syncRequestCommands } from './sync-requests.ts'

interface DryRunOptions extends CommonOptions {
  readonly samples: number
  readonly reveal: boolean
}

const dryRunTimeoutMs = 10 * 60_000

interface Row {
  readonly asset: AssetPage['items'][number]
  /** The last time that it was sent; null before the first. */
  readonly last: SyncRunList['items'][number] | null
}

export function syncCommand(program: Command, context: CommandContext): void {
  const { terminal } = context
  const sync = program
    .command('sync')
    .description('list syncs with what they last sent, show the runs of one, and what it would send now')

  readsProject(sync.command('list', { isDefault: true }).description('syncs and what became of their last run')).action(
    async (options: CommonOptions) => {
      await withApi(context, options, async (api) => {
        const keys = api.revision.manifest.assets.filter(({ kind }) => kind === 'sync')
        const { items } =
          keys.length === 0 ? { items: [] } : await api.get<AssetPage>('/assets', { select: 'kind:sync', limit: 1_000 })
        const rows = await Promise.all(
          items.map(async (asset): Promise<Row> => {
            const runs = await api.get<SyncRunList>(`/assets/${encodeURIComponent(asset.key)}/syncs`, { limit: 1 })
            return { asset, last: runs.items[0] ?? null }
          }),
        )
        if (options.json) return terminal.line(JSON.stringify({ items: rows }, null, 2))
        const number = (value: number | undefined): string => value?.toLocaleString('en-US') ?? ''
        printTable(
          terminal,
          [
            { title: 'SYNC', text: ({ asset }) => asset.key, elastic: true },
            { title: 'STATUS', text: ({ asset }) => asset.status, paint: ({ asset }) => statusPaint(asset.status) },
            { title: 'STALE', text: ({ asset }) => (asset.stale ? 'stale' : ''), paint: () => 'yellow' },
            { title: 'MODE', text: ({ last }) => last?.mode ?? '' },
            { title: 'SENT', text: ({ last }) => number(last?.sent), align: 'right' },
            {
              title: 'REJECTED',
              text: ({ last }) => number(last?.rejected),
              align: 'right',
              paint: ({ last }) => ((last?.rejected ?? 0) > 0 ? 'red' : null),
            },
            { title: 'LAST RUN', text: ({ last }) => moment(last?.startedAt ?? null, terminal.interactive) },
          ],
          rows,
        )
      })
    },
  )

  readsProject(
    sync
      .command('show')
      .description('the runs of a sync: what was planned, and what became of each row')
      .argument('<key>', 'for example sync/at_risk_to_crm; the name alone will do')
      .option('--limit <number>', 'how many', positive, 20),
  ).action(async (key: string, options: CommonOptions & { readonly limit: number }) => {
    await withApi(context, options, async (api) => {
      const asset = resolveAsset(api, key)
      if (!asset.startsWith('sync/')) throw notASync(asset)
      const runs = await api.get<SyncRunList>(`/assets/${encodeURIComponent(asset)}/syncs`, { limit: options.limit })
      if (options.json) return terminal.line(JSON.stringify(runs, null, 2))
      if (runs.items.length === 0) terminal.line(`${asset} was never sent`)
      printSyncRuns(terminal, runs.items)
    })
  })

  readsProject(
    sync
      .command('dry-run')
      .description('tell what a sync would add, change and remove now; nothing is sent, and nothing changes')
      .argument('<key>', 'for example sync/at_risk_to_crm; the name alone will do')
      .option('--samples <number>', 'rows of each kind that are shown, at most', positive, 5)
      .option('--reveal', 'show values and keys, which are masked otherwise', false),
  ).action((key: string, options: DryRunOptions) =>
    withSync(
      context,
      { key, name: options.name, command: 'traitline sync dry-run' },
      async ({ records, target: { scope, revision }, asset, warehouse }) => {
        const box = options.reveal ? sealedBox() : null
        const { answer, sealed } = await records.launcher.dryRunSync({
          ...{ scope, revision, sync: asset, samples: Math.min(options.samples, 100) },
          ...(box !== null && { publicKey: box.publicKey }),
          warehouseQueue: warehouseQueue(warehouse, scope),
          timeoutMs: dryRunTimeoutMs,
        })
        const shown: SyncDryRun =
          box === null || sealed === null
            ? answer
            : { ...answer, samples: JSON.parse(box.open(sealed)) as SyncSamples, masked: false }
        if (options.json) terminal.line(JSON.stringify(shown, null, 2))
        else printDryRun(terminal, shown)
      },
    ),
  )

  syncOperationCommands(sync, context)
  syncRejectsCommand(sync, context)
  syncPreviewCommand(sync, context)
  syncSuggestCommand(sync, context)
  syncTestCommand(sync, context)
  syncExposuresCommand(sync, context)
  syncRequestCommands(sync, context)

  readsProject(
    sync
      .command('resend-unknown')
      .description('let the next run send the rows again whose outcome is unknown; they may then be there twice')
      .argument('<key>', 'for example sync/at_risk_to_slack; the name alone will do'),
  ).action(async (key: string, options: CommonOptions) => {
    await withApi(context, options, async (api) => {
      const asset = resolveAsset(api, key)
      const spec = api.revision.manifest.assets.find((each) => each.key === asset)
      if (spec?.kind !== 'sync') throw notASync(asset)
      const rows = await api.store.syncs.requestResend(api.revision.scope, spec.key, spec.from)
      if (rows === 0) throw nothingUnknown(spec.key)
      if (options.json) return terminal.line(JSON.stringify({ sync: spec.key, rows }, null, 2))
      const which = `${rows} ${rows === 1 ? 'row' : 'rows'} of ${spec.key}`
      terminal.line(`${which} may be sent again by its next run: traitline materialize ${spec.key}`)
    })
  })
}

function nothingUnknown(sync: string): TraitlineError {
  return new TraitlineError({
    code: 'NOTHING_UNKNOWN',
    message: `${sync} has no row whose outcome is unknown`,
    hint: 'There is nothing to send again; rejected rows are sent again by themselves.',
    blame: 'user',
  })
}
