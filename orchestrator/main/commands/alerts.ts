import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import { TraitlineError, type AlertBody, type AlertMessage, type JsonObject } from '../../contract/index.ts'
import type { AlertList } from '../../server/api.ts'
import { withApi } from '../api.ts'
import { exitCodes } from '../output.ts'
import { printTable } from '../terminal/table.ts'
import type { CommandContext } from './context.ts'
import { readsProject, type CommonOptions } from './options.ts'

const waitMs = 30_000

export function alertsCommand(program: Command, context: CommandContext): void {
  const alerts = program.command('alerts').description('list alerts and their messages, and try one')

  readsProject(alerts.command('list', { isDefault: true }).description('the latest messages')).action(
    (options: CommonOptions) =>
      withApi(context, options, async ({ get }) => {
        const found = await get<AlertList>('/alerts')
        if (options.json) return context.terminal.line(JSON.stringify(found, null, 2))
        printTable(
          context.terminal,
          [
            { title: 'ALERT', text: ({ alert }) => alert },
            { title: 'STATUS', text: ({ status }) => status },
            { title: 'TO', text: ({ target }) => target },
            { title: 'STATE', text: ({ state }) => state },
            { title: 'AT', text: ({ createdAt }) => createdAt },
            { title: 'ABOUT', text: ({ items }) => items.map((item) => item.subject).join(', '), elastic: true },
            { title: 'PROBLEM', text: ({ problem }) => problem ?? '' },
          ],
          found.messages,
        )
      }),
  )

  alerts
    .command('test')
    .description('send a message to all targets of an alert, through the worker that has their secrets')
    .argument('<alert>')
    .option('--json', 'as JSON', false)
    .option('--name <project>', 'the project, if the environment has several')
    .action((name: string, options: { readonly name?: string; readonly json: boolean }) =>
      withApi(context, options, async ({ store, revision: { scope, manifest } }) => {
        const alert = manifest.alerts?.find((each) => each.name === name)
        if (alert === undefined) throw unknown(name)
        const cause = `test:${randomUUID()}`
        const about = { alert: name, status: 'test' as const, ...scope, run: null, items: [], more: 0 }
        const message: AlertMessage = { ...about, at: new Date().toISOString() }
        const messages = alert.to.map((target, position) => {
          const body: AlertBody = { cause, target, message }
          return { lane: `${cause}:${position}`, key: `${cause}:${position}`, body: body as unknown as JsonObject }
        })
        await store.outbox.enqueue(scope, 'alerts', messages)
        for (const until = Date.now() + waitMs; ; await delay(500)) {
          const latest = await store.outbox.list(scope, 'alerts', { limit: 200 })
          const entries = latest.filter(({ key }) => key.startsWith(cause))
          const over = Date.now() > until
          if (!over && entries.some(({ state, problem }) => state === 'waiting' && problem === null)) continue
          const items = entries.reverse().map(({ body, state, problem }) => ({
            target: (body as unknown as AlertBody).target.type,
            ...{ state, problem },
          }))
          if (options.json) context.terminal.line(JSON.stringify({ items }, null, 2))
          for (const { target, state, problem } of options.json ? [] : items) {
            context.terminal.line(`${target}  ${state}${problem === null ? '' : `: ${problem}`}`)
          }
          if (entries.some(({ state }) => state !== 'delivered')) process.exitCode = exitCodes.failed
          return
        }
      }),
    )
}

function unknown(name: string): TraitlineError {
  return new TraitlineError({
    code: 'ALERT_NOT_FOUND',
    message: `the deployed project has no alert ${name}`,
    hint: 'See which it has: traitline alerts --json',
    blame: 'user',
  })
}
