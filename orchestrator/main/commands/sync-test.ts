import type { Command } from 'commander'
import { runCase } from '../../../activities/sync/mapping/case.ts'
import type { SyncSpec } from '../../contract/index.ts'
import { loadProject } from '../../project/index.ts'
import { compileSettingsProject } from '../deploy-project.ts'
import { count, exitCodes } from '../output.ts'
import type { CommandContext } from './context.ts'

export function syncTestCommand(sync: Command, context: CommandContext): void {
  const { terminal } = context
  sync
    .command('test')
    .description('run the cases that stand beside syncs: rows in, payloads out, without credentials or a warehouse')
    .argument('[sync]', 'the cases of one sync')
    .option('--json', 'as JSON', false)
    .action(async (only: string | undefined, options: { readonly json: boolean }) => {
      const settings = context.settings()
      const definitions = await loadProject(settings.projectDir)
      const warehouseUrl = settings.warehouseUrl ?? 'duckdb:'
      const { manifest, cases } = await compileSettingsProject({ definitions, settings, warehouseUrl })
      const specs = new Map(manifest.assets.map((asset) => [asset.key, asset]))
      const asked = cases.filter(({ sync: key }) => only === undefined || key === only || key === `sync/${only}`)
      const results = asked.map(({ sync: key, name, test }) => ({
        ...{ sync: key, name },
        ...runCase(manifest, specs.get(key) as SyncSpec, test),
      }))
      const failed = results.filter(({ passed }) => !passed).length
      if (failed > 0) process.exitCode = exitCodes.failed
      if (options.json) {
        return terminal.line(JSON.stringify({ passed: results.length - failed, failed, items: results }, null, 2))
      }
      for (const { sync: key, name, passed, difference } of results) {
        terminal.line(`${passed ? terminal.paint('green', 'pass') : terminal.paint('red', 'FAIL')}  ${key}: ${name}`)
        for (const text of difference) {
          terminal.line(
            `      ${terminal.paint(text.startsWith('-') ? 'red' : text.startsWith('+') ? 'green' : 'dim', text)}`,
          )
        }
      }
      if (results.length === 0) return terminal.line('no sync has cases; see docs/guides/mapping.md')
      terminal.line(`${count(results.length, 'case')}, ${failed === 0 ? 'all passed' : `${failed} failed`}`)
    })
}
