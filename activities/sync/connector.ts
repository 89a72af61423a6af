import { isTraitlineError, type StepInput } from '../../orchestrator/contract/index.ts'
import { type ConnectorCommand, type RateLimits, runDiscover, runSpec } from '../../connectors/driver/index.ts'
import type { ConnectorSpecification, DestinationCatalog } from '../../connectors/protocol/index.ts'
import { type ResolvedConfig, resolveConfig } from './config.ts'
import { type Declaration, declarationOf } from './declaration.ts'
import type { SyncDeps } from './deps.ts'
import { SharedRates } from './rates/shared-rates.ts'
import type { SyncSetup } from './setup.ts'
import { programOf } from './target.ts'

/** A destination's program, found and asked what it is. */
export interface Connector extends ResolvedConfig {
  readonly command: ConnectorCommand
  readonly spec: ConnectorSpecification
  readonly declaration: Declaration
  readonly rateLimits: RateLimits
  /** What its `discover` says; null if it knows none. */
  readonly catalog: DestinationCatalog | null
}

/** Installing is not in it. */
const askTimeoutMs = 60_000

export const defaultIdleTimeoutMs = 300_000

/** Finds, or installs, the program and asks for its spec and what it offers. Throws CONNECTOR_* and SECRET_MISSING. */
async function findConnector(
  deps: SyncDeps,
  input: StepInput,
  setup: SyncSetup,
  signal: AbortSignal,
  rates: SharedRates,
): Promise<Connector> {
  const { destination } = setup
  const resolved = resolveConfig(destination, deps.secrets)
  const command = await deps.resolveConnector(destination.connector, { projectDir: deps.projectDir(input), signal })
  const asked = { command, timeoutMs: askTimeoutMs, secrets: resolved.secrets, signal }
  const spec = await runSpec(asked)
  const foreign = destination.connector.type !== 'builtin'
  const catalog = await runDiscover({ ...asked, spec, config: resolved.config }).catch((error: unknown) =>
    withoutDiscover(error, foreign),
  )
  const rateLimits = rates.of(programOf(destination), resolved.config)
  return { ...resolved, command, spec, catalog, declaration: declarationOf(catalog, setup.stream.name), rateLimits }
}

/** Many a destination that others wrote ends with an error when it is asked: it offers nothing beyond the protocol. */
function withoutDiscover(error: unknown, foreign: boolean): DestinationCatalog | null {
  if (foreign && isTraitlineError(error) && error.code === 'CONNECTOR_EXITED') return null
  throw error
}

/** Programs that were asked already, by the run and step that uses them: freezing and sending ask once. */
export function createConnectorCache(deps: SyncDeps) {
  const asked = new Map<string, Promise<Connector>>()
  const rates = new SharedRates(deps.store.rates)
  const keyOf = ({ run, step }: StepInput): string => `${run} ${step.id}`
  return {
    of(input: StepInput, setup: SyncSetup, signal: AbortSignal): Promise<Connector> {
      const key = keyOf(input)
      const known = asked.get(key)
      if (known !== undefined) return known
      const connector = findConnector(deps, input, setup, signal, rates)
      asked.set(key, connector)
      connector.catch(() => asked.delete(key))
      // A run that is cancelled never says that it is done with its own.
      if (asked.size > maxAsked) asked.delete(asked.keys().next().value as string)
      return connector
    },
    forget(input: StepInput): void {
      asked.delete(keyOf(input))
    },
  }
}

const maxAsked = 200
