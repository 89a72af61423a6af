import type { Command } from 'commander'
import { suggestionReasons, type SuggestionReason } from '../../mapping/index.ts'
import type { SyncSuggestions } from '../../server/api.ts'
import { withApi } from '../api.ts'
import { resolveAsset } from '../resolve-names.ts'
import { printTable } from '../terminal/table.ts'
import type { CommandContext } from './context.ts'
import { readsProject, type CommonOptions } from './options.ts'

export function syncSuggestCommand(sync: Command, context: CommandContext): void {
  const { terminal } = context
  readsProject(
    sync
      .command('suggest')
      .description('suggest what may fill the fields of a sync’s stream, by names and types')
      .argument('<key>', 'for example sync/at_risk_to_crm; the name alone will do')
      .option('--all', 'fields that are mapped already too', false),
  ).action(async (key: string, options: CommonOptions & { readonly all: boolean }) => {
    await withApi(context, options, async (api) => {
      const asset = resolveAsset(api, key)
      const found = await api.get<SyncSuggestions>(`/syncs/${encodeURIComponent(asset)}/suggestions`)
      const items = found.items.filter(({ mapped }) => options.all || !mapped)
      if (options.json) return terminal.line(JSON.stringify({ ...found, items }, null, 2))
      if (items.length === 0) return terminal.line(`nothing is suggested for ${asset}`)
      printTable(
        terminal,
        [
          { title: 'FIELD', text: ({ field }) => field },
          { title: 'FROM', text: ({ value, name }) => sourceOf(value, name), elastic: true },
          { title: 'SCORE', text: ({ score }) => score.toFixed(2), align: 'right' },
          {
            title: 'WHY',
            text: ({ reasons }) => reasons.map((reason) => suggestionReasons[reason as SuggestionReason]).join('; '),
          },
        ],
        items,
      )
    })
  })
}

function sourceOf(value: SyncSuggestions['items'][number]['value'], name: string): string {
  if (value.type === 'trait') return value.trait
  return value.type === 'column' ? `${value.asset}.${value.column}` : `the key ${name}`
}
