import { isAbsolute, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import type { ConfiguredAirbyteCatalog, JsonData } from '../../../connectors/protocol/index.ts'
import { conformanceCases, runCases, targetOf, type CaseReport } from '../../../connectors/kit/conformance/index.ts'
import { connectorNamed } from '../connector/command-of.ts'
import { readJsonFile } from '../connector/read-json.ts'
import { writeScaffold } from '../connector/scaffold.ts'
import { duration, exitCodes, line } from '../output.ts'
import type { CommandContext } from './context.ts'
import { positive } from './options.ts'

interface TestOptions {
  readonly config: string
  readonly catalog?: string
  readonly badConfig?: readonly string[]
  readonly kit: boolean
  readonly timeout: number
  readonly json: boolean
}

export function connectorCommand(program: Command, context: CommandContext): void {
  const connector = program.command('connector').description('write an Airbyte destination, and try any')

  connector
    .command('init')
    .description('write a new destination in TypeScript, with tests that pass, into a new folder')
    .argument('<folder>', 'called like the destination, such as destination-acme')
    .option('--json', 'as JSON', false)
    .action(async (folder: string, { json }: { readonly json: boolean }) => {
      const { dir, name } = await writeScaffold(folder)
      if (json) return line(JSON.stringify({ folder: dir, name }))
      line(`${name} is ready. Next:`)
      line(`  cd ${relative(process.cwd(), dir) || '.'} && npm install && npm test`)
    })

  connector
    .command('test')
    .description('run the conformance suite on a destination in any language: it writes rows where the config points')
    .argument('<program...>', 'how it is started: ./my-destination, builtin:slack, pypi:NAME==VERSION')
    .requiredOption('--config <file>', 'a configuration that works')
    .option('--catalog <file>', 'configured catalog; its first stream is written to')
    .option('--bad-config <file...>', 'configurations that `check` has to turn down')
    .option('--kit', 'hold it to what the kit promises too', false)
    .option('--timeout <seconds>', 'for one start of the program', positive, 60)
    .option('--json', 'as JSON', false)
    .action(async (words: readonly string[], options: TestOptions) => {
      const { command, args, env, name } = await connectorNamed(words, context)
      const target = await targetOf({
        ...{ command: byPath(command), args, env, kit: options.kit, timeoutMs: options.timeout * 1_000 },
        config: (await readJsonFile(options.config)) as JsonData,
        ...(options.catalog !== undefined && {
          catalog: (await readJsonFile(options.catalog)) as ConfiguredAirbyteCatalog,
        }),
        badConfigs: await readBad(options.badConfig ?? []),
      })
      const reports = await runCases(conformanceCases(target), (report) => {
        if (!options.json) line(textOf(report))
      })
      const failed = reports.filter(({ passed }) => !passed).length
      const summary = { program: name ?? words.join(' '), passed: reports.length - failed, failed }
      if (options.json) line(JSON.stringify({ ...summary, cases: reports }, null, 2))
      else line(`\n${summary.program}: ${summary.passed} passed, ${failed} failed`)
      if (failed > 0) process.exitCode = exitCodes.failed
    })
}

/** A program with a slash is a file here, not one on the PATH. */
function byPath(command: string): string {
  return command.includes('/') && !isAbsolute(command) ? resolve(command) : command
}

async function readBad(paths: readonly string[]): Promise<Record<string, JsonData>> {
  const read = paths.map(async (path) => [path, (await readJsonFile(path)) as JsonData] as const)
  return Object.fromEntries(await Promise.all(read))
}

function textOf({ name, passed, ms, problem }: CaseReport): string {
  const said = problem === null ? '' : `\n       ${problem.replaceAll('\n', '\n       ')}`
  return `${passed ? 'ok  ' : 'FAIL'}  ${name} (${duration(ms)})${said}`
}
