import type { SettingReference } from '../../orchestrator/main/settings-reference.ts'
import { page, table } from './page.ts'

/** docs/reference/settings.md: every variable that Traitline reads. */
export function settingsPage(settings: readonly SettingReference[]): Promise<string> {
  return page('reference/settings.md', [
    '# Settings',
    `Traitline is set up by environment variables; nothing has to be set. An empty one counts as unset. What a project
reads with \`env('NAME')\`, such as the token of a destination, is its own affair and not in this table.`,
    table(
      ['variable', 'unless set', 'meaning'],
      settings.map(({ name, fallback, meaning }) => [`\`${name}\``, fallback, meaning]),
    ),
    'How to run on servers of your own is told in [the guide](../guides/your-own-services.md).',
  ])
}
