import type { Command } from 'commander'
import { TraitlineError, type Manifest, type ManifestDiff } from '../../contract/index.ts'
import { changedFields } from '../../plan/index.ts'
import { diffManifests, loadProject } from '../../project/index.ts'
import { withApi, type Api } from '../api.ts'
import { findConnections } from '../connections.ts'
import { compileSettingsProject } from '../deploy-project.ts'
import type { CommandContext } from './context.ts'
import { positive, readsProject, type CommonOptions } from './options.ts'

export function diffCommand(program: Command, context: CommandContext): void {
  const { terminal } = context
  readsProject(
    program
      .command('diff')
      .description('how two revisions differ, or the project in its folder from what is deployed')
      .argument('[before]', 'a revision: the latest unless told', positive)
      .argument('[after]', 'a revision: the project in its folder unless told', positive),
  ).action(async (before: number | undefined, after: number | undefined, options: CommonOptions) => {
    await withApi(context, options, async (api) => {
      const old = before === undefined ? api.revision.manifest : await manifestOf(api, before)
      const now = after === undefined ? await compiled(context) : await manifestOf(api, after)
      const diff = diffManifests(old, now)
      const fields = fieldsOf(old, now, diff)
      if (options.json) return terminal.line(JSON.stringify({ ...diff, fields }, null, 2))
      for (const { from, to } of diff.renamed ?? []) terminal.line(terminal.paint('yellow', `> ${to} was ${from}`))
      const parts = [
        ['green', '+', diff.added],
        ['red', '-', diff.removed],
        ['yellow', '~', diff.changed],
        ['dim', '"', diff.described],
        ['yellow', '*', diff.settings],
      ] as const
      for (const [paint, sign, items] of parts) {
        for (const item of items) {
          terminal.line(terminal.paint(paint, `${sign} ${item}`))
          for (const { field, lines } of fields.find(({ asset }) => asset === item)?.fields ?? []) {
            terminal.line(`    ${field}`)
            for (const text of lines) {
              const colour = text.startsWith('+') ? 'green' : text.startsWith('-') ? 'red' : 'dim'
              terminal.line(`      ${terminal.paint(colour, text)}`)
            }
          }
        }
      }
      if (diff.renamed === undefined && parts.every(([, , items]) => items.length === 0))
        terminal.line('nothing differs')
    })
  })
}

async function manifestOf({ store, revision }: Api, number: number): Promise<Manifest> {
  const found = await store.revisions.get(revision.scope, number)
  if (found !== null) return found.manifest
  throw new TraitlineError({
    code: 'REVISION_UNKNOWN',
    message: `${revision.scope.project} has no revision ${number}`,
    hint: `The latest is ${revision.revision}.`,
    blame: 'user',
  })
}

async function compiled(context: CommandContext): Promise<Manifest> {
  const settings = context.settings()
  const [definitions, { warehouseUrl }] = await Promise.all([
    loadProject(settings.projectDir),
    findConnections(settings, context.env),
  ])
  return (await compileSettingsProject({ definitions, settings, warehouseUrl })).manifest
}

function fieldsOf(before: Manifest, after: Manifest, { changed }: ManifestDiff) {
  const old = new Map(before.assets.map((spec) => [spec.key, spec]))
  const wanted = new Set(changed)
  return after.assets
    .filter(({ key }) => wanted.has(key))
    .map((spec) => ({ asset: spec.key, fields: changedFields(old.get(spec.key)!, spec) }))
}
