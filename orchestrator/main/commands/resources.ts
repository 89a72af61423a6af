import type { Command } from 'commander'
import type { ResourceList } from '../../server/api.ts'
import { withApi } from '../api.ts'
import { printTable } from '../terminal/table.ts'
import type { CommandContext } from './context.ts'
import { readsProject, type CommonOptions } from './options.ts'

export function resourcesCommand(program: Command, context: CommandContext): void {
  readsProject(
    program
      .command('resources')
      .description('list resources: what they have, the variables that they are made from, and who uses them'),
  ).action(async (options: CommonOptions) => {
    await withApi(context, options, async (api) => {
      const { items } = await api.get<ResourceList>('/resources')
      if (options.json) return context.terminal.line(JSON.stringify({ items }, null, 2))
      printTable(
        context.terminal,
        [
          { title: 'RESOURCE', text: ({ name }) => name },
          { title: 'FIELDS', text: ({ fields }) => fields.join(', '), elastic: true },
          {
            title: 'VARIABLES',
            text: ({ variables }) => variables.map(({ variable }) => variable).join(', '),
            elastic: true,
          },
          { title: 'USED BY', text: ({ usedBy }) => usedBy.join(', '), elastic: true },
        ],
        items,
      )
    })
  })
}
