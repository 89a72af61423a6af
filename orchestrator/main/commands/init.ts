import { relative } from 'node:path'
import type { Command } from 'commander'
import { initProject } from '../init.ts'
import { line } from '../output.ts'

export function initCommand(program: Command): void {
  program
    .command('init')
    .description('write a project that is ready for `traitline dev` into a new folder')
    .argument('<folder>', 'a folder that does not exist yet, or is empty')
    .option('--json', 'as JSON', false)
    .action(async (folder: string, { json }: { readonly json: boolean }) => {
      const dir = await initProject(folder)
      if (json) return line(JSON.stringify({ folder: dir }))
      line(`${dir} is ready. Next:`)
      line(`  cd ${relative(process.cwd(), dir) || '.'} && npx traitline dev`)
    })
}
