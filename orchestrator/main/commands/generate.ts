import type { Command } from 'commander'
import { line } from '../output.ts'
import { ensureShopData } from '../shop-data.ts'
import type { CommandContext } from './context.ts'

export function generateCommand(program: Command, context: CommandContext): void {
  program
    .command('generate')
    .description('make the simulated data that the project’s package.json asks for, where it is missing or stale')
    .option('--json', 'as JSON', false)
    .action(async ({ json }: { readonly json: boolean }) => {
      const { home, projectDir } = context.settings()
      const files = await ensureShopData({ home, projectDir })
      if (json) return line(JSON.stringify({ items: files }, null, 2))
      for (const file of files) {
        const rows = `${file.rows.toLocaleString('en-US')} ${file.type}`
        line(`${file.made ? `made ${rows} in ${file.seconds.toFixed(1)} s` : `${rows} are there`}: ${file.path}`)
      }
    })
}
