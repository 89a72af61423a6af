import { Option, type Command } from 'commander'
import { outboxChannels, type OutboxChannel } from '../../contract/index.ts'
import type { OutboxList, OutboxMessages } from '../../server/api.ts'
import { withApi } from '../api.ts'
import { duration } from '../output.ts'
import { printTable } from '../terminal/table.ts'
import type { CommandContext } from './context.ts'
import { readsProject, type CommonOptions } from './options.ts'

interface ChannelOptions extends CommonOptions {
  readonly channel?: OutboxChannel
}

export function outboxCommand(program: Command, context: CommandContext): void {
  const outbox = program
    .command('outbox')
    .description('what is told to others: what waits, what was given up; send it again')
  const channel = () => new Option('--channel <channel>', 'of this channel alone').choices(outboxChannels)

  readsProject(
    outbox.command('list', { isDefault: true }).description('how each channel stands, and its dead messages'),
  )
    .addOption(channel())
    .action((options: ChannelOptions) =>
      withApi(context, options, async ({ get }) => {
        const items = (await get<OutboxList>('/outbox')).items.filter((each) => isWanted(each.channel, options))
        const dead = await Promise.all(
          items.map((each) => get<OutboxMessages>(`/outbox/${each.channel}/messages`, { state: 'dead' })),
        )
        const messages = dead.flatMap((each) => each.items)
        if (options.json) return context.terminal.line(JSON.stringify({ items, dead: messages }, null, 2))
        for (const item of items) context.terminal.line(`${item.channel.padEnd(12)} ${inWords(item)}`)
        printTable(
          context.terminal,
          [
            { title: 'DEAD', text: ({ id }) => id },
            { title: 'CHANNEL', text: (message) => message.channel },
            { title: 'AT', text: ({ createdAt }) => createdAt },
            { title: 'ABOUT', text: ({ about }) => about, elastic: true },
            { title: 'PROBLEM', text: ({ problem }) => problem ?? '' },
          ],
          messages,
        )
      }),
    )

  readsProject(outbox.command('retry').description('send again what was given up; the worker does it'))
    .argument('[ids...]', 'of dead messages; all if left out')
    .addOption(channel())
    .action((ids: readonly string[], options: ChannelOptions) =>
      withApi(context, options, async ({ store, revision: { scope } }) => {
        let retried = 0
        for (const each of outboxChannels.filter((name) => isWanted(name, options))) {
          retried += await store.outbox.retry(scope, each, ids.length === 0 ? null : ids)
        }
        if (options.json) return context.terminal.line(JSON.stringify({ retried }))
        context.terminal.line(retried === 1 ? 'one message waits again' : `${retried} messages wait again`)
      }),
    )
}

function isWanted(channel: OutboxChannel, { channel: wanted }: ChannelOptions): boolean {
  return wanted === undefined || channel === wanted
}

/** `3 wait, the first for 2 min; 1 dead; last problem: it answered 500`. */
export function inWords(health: OutboxList['items'][number], now = Date.now()): string {
  const { waiting, dead, oldestWaitingAt, problem, failures, unread } = health
  const since = oldestWaitingAt === null ? '' : `, the first for ${duration(now - Date.parse(oldestWaitingAt))}`
  return [
    waiting === 0 ? 'nothing waits' : `${waiting} wait${since}`,
    ...(dead === 0 ? [] : [`${dead} dead`]),
    ...((unread ?? 0) > 10_000 ? ['more than 10,000 events are not read yet'] : []),
    ...(problem === null || (failures === 0 && dead === 0) ? [] : [`last problem: ${problem}`]),
  ].join('; ')
}
