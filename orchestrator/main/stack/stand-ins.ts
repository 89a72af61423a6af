import { join } from 'node:path'
import { startSlackReceiver, type SlackReceiver } from '../../../connectors/destination-slack/receiver.ts'
import type { DestinationSpec, EnvRef, JsonValue, Manifest } from '../../contract/index.ts'
import type { Stack } from './stack.ts'

/** What stands in, on this machine, for destinations whose variables are not set. */
export interface StandIns {
  /** Values for those variables. */
  readonly variables: Readonly<Record<string, string>>
  readonly slack: SlackReceiver | null
  stop(): Promise<void>
}

/**
 * A database of its own in the embedded server for each Postgres destination without a URL, and a receiver of messages
 * for Slack without a token.
 */
export async function startStandIns(input: {
  readonly manifests: readonly Manifest[]
  readonly stack: Stack
  readonly home: string
  readonly isSet: (variable: string) => boolean
  readonly say: (line: string) => void
}): Promise<StandIns> {
  const { manifests, stack, isSet, say } = input
  const variables: Record<string, string> = {}
  for (const { project, destination } of builtin(manifests, 'postgres')) {
    const variable = unset(destination.config['url'], isSet)
    if (variable === null || stack.applicationDatabase === null) continue
    const name = `${project}_${destination.name}`
    variables[variable] = await stack.applicationDatabase(name)
    say(`${variable} is not set: destination ${destination.name} is the database ${name} of the embedded PostgreSQL`)
  }
  let slack: SlackReceiver | null = null
  for (const { destination } of builtin(manifests, 'slack')) {
    const variable = unset(destination.config['token'], isSet)
    if (variable === null || isSet('SLACK_API_URL')) continue
    slack ??= await startSlackReceiver({ port: 0, file: join(input.home, 'slack-messages.jsonl') })
    variables[variable] = 'xoxb-local-receiver'
    variables['SLACK_API_URL'] = slack.url
    say(`${variable} is not set: destination ${destination.name} is a receiver on this machine`)
  }
  return { variables, slack, stop: async () => slack?.close() }
}

function builtin(
  manifests: readonly Manifest[],
  name: string,
): { readonly project: string; readonly destination: DestinationSpec }[] {
  return manifests.flatMap(({ project, destinations }) =>
    destinations
      .filter(({ connector }) => connector.type === 'builtin' && connector.name === name)
      .map((destination) => ({ project, destination })),
  )
}

/** The variable of a reference that has neither a value nor a default. */
function unset(value: JsonValue | undefined, isSet: (variable: string) => boolean): string | null {
  if (typeof value !== 'object' || value === null || !('$env' in value)) return null
  const { $env: variable, default: fallback } = value as unknown as EnvRef
  return isSet(variable) || fallback !== undefined ? null : variable
}
