import { writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Command } from 'commander'
import { exposuresOf, exposuresYaml } from '../../mapping/index.ts'
import { loadProject } from '../../project/index.ts'
import { compileSettingsProject } from '../deploy-project.ts'
import { count } from '../output.ts'
import type { CommandContext } from './context.ts'

const fileName = 'traitline_exposures.yml'

export function syncExposuresCommand(sync: Command, context: CommandContext): void {
  const { terminal } = context
  sync
    .command('exposures')
    .description('write the syncs that read dbt models as exposures, so that dbt shows who uses a model')
    .option('--print', 'on the terminal, instead of into each dbt project’s models folder', false)
    .option('--json', 'what was found, as JSON; nothing is written', false)
    .action(async (options: { readonly print: boolean; readonly json: boolean }) => {
      const settings = context.settings()
      const definitions = await loadProject(settings.projectDir)
      const warehouseUrl = settings.warehouseUrl ?? 'duckdb:'
      const { manifest } = await compileSettingsProject({ definitions, settings, warehouseUrl })
      const found = manifest.dbtProjects.map(({ name, path }) => ({
        dbt: name,
        path: join(settings.projectDir, path, 'models', fileName),
        exposures: exposuresOf(manifest, name),
      }))
      if (options.json) return terminal.line(JSON.stringify({ items: found }, null, 2))
      for (const { dbt, path, exposures } of found) {
        if (exposures.length === 0) terminal.line(`no sync reads a model of ${dbt}`)
        else if (options.print) terminal.line(exposuresYaml(exposures))
        else {
          await writeFile(path, exposuresYaml(exposures))
          terminal.line(`${count(exposures.length, 'exposure')} in ${relative(settings.projectDir, path)}`)
        }
      }
      if (found.length === 0) terminal.line('the project has no dbt project')
    })
}
