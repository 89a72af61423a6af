import type { Command } from 'commander'
import { type SyncRequest, unfitRequest } from '../../contract/index.ts'
import { withApi } from '../api.ts'
import { resolveAsset } from '../resolve-names.ts'
import type { CommandContext } from './context.ts'
import { notASync } from './on-sync.ts'
import { readsProject, type CommonOptions } from './options.ts'

const requests: Readonly<Record<SyncRequest, { readonly does: string; readonly told: string }>> = {
  resync: {
    does: 'let the next run send everything that the source has; what left is still taken away',
    told: 'sends everything that its source has',
  },
  adopt: {
    does: 'let the next run take what the source has for delivered, and send nothing of it',
    told: 'takes what its source has for delivered, and sends nothing of it',
  },
  forget: {
    does: 'let the next run let go of what was delivered and has left the source; it stays at the destination',
    told: 'lets go of what has left its source',
  },
}

/** What a sync is asked to do once: a command each. */
export function syncRequestCommands(sync: Command, context: CommandContext): void {
  const { terminal } = context
  for (const [name, { does, told }] of Object.entries(requests)) {
    const request = name as SyncRequest
    readsProject(
      sync
        .command(request)
        .description(does)
        .argument('<key>', 'for example sync/at_risk_to_crm; the name alone will do'),
    ).action(async (key: string, options: CommonOptions) => {
      await withApi(context, options, async (api) => {
        const asset = resolveAsset(api, key)
        const spec = api.revision.manifest.assets.find((each) => each.key === asset)
        if (spec?.kind !== 'sync') throw notASync(asset)
        const unfit = unfitRequest(spec, request)
        if (unfit !== null) throw unfit
        await api.store.syncs.request(api.revision.scope, spec.key, spec.from, request)
        if (options.json) return terminal.line(JSON.stringify({ sync: spec.key, request }, null, 2))
        terminal.line(`The next run of ${spec.key} ${told}. Look first: traitline sync dry-run ${spec.key}`)
        terminal.line(`Then: traitline materialize ${spec.key}`)
      })
    })
  }
}
