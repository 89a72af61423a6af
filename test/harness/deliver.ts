import type { Destination } from '../../connectors/kit/index.ts'
import type { AirbyteStateStats, ConfiguredAirbyteStream, JsonData } from '../../connectors/protocol/index.ts'
import { recordLine, runProgram, stateLine, type ProgramRun } from './destination.ts'

export interface Delivered extends ProgramRun {
  /** What the destination says of each batch, in order; those that it did not acknowledge are missing. */
  readonly answers: readonly AirbyteStateStats[]
}

/** A row of the only stream, or of the one that is named. */
export type GivenRow = JsonData | readonly [stream: string, row: JsonData]

/**
 * Runs `write` of a destination in this process, a STATE after each batch of rows, as a sync does.
 *
 * @example
 * const { answers } = await deliver(destinationBraze, config, [stream], [[{ external_id: 'u1' }]])
 * expect(answers).toMatchObject([{ recordCount: 1, rejected: [] }])
 */
export async function deliver(
  destination: Destination,
  config: unknown,
  streams: readonly ConfiguredAirbyteStream[],
  batches: readonly (readonly GivenRow[])[],
  signal?: AbortSignal,
): Promise<Delivered> {
  const first = streams[0]?.stream.name ?? ''
  const lines = batches.flatMap((rows, batch) => [
    ...rows.map((row) => (isNamed(row) ? recordLine(row[0], row[1]) : recordLine(first, row))),
    stateLine(first, batch),
  ])
  const run = await runProgram(destination, 'write', { config, catalog: { streams } }, lines, signal)
  return { ...run, answers: run.states.map(({ destinationStats }) => destinationStats ?? {}) }
}

function isNamed(row: GivenRow): row is readonly [string, JsonData] {
  return Array.isArray(row)
}
