import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { airbyteErrors } from '../test/harness/airbyte-schema.ts'
import { conformanceCases, type ConformanceTarget } from './kit/conformance/index.ts'

/** What differs from one destination to the next; the rest follows from its name. */
export type ConformanceSubject = Pick<ConformanceTarget, 'config' | 'badConfigs' | 'stream' | 'row' | 'written'> & {
  readonly close: () => Promise<void>
}

/**
 * Runs the conformance suite on the program `bin/destination-<name>`. What the destination needs is made before the
 * first case; `badConfigs` are the names of the subject's, since cases are named before it is made.
 */
export function conforms(name: string, badConfigs: readonly string[], make: () => Promise<ConformanceSubject>): void {
  const command = process.execPath
  const args = [fileURLToPath(new URL(`./bin/destination-${name}`, import.meta.url))]
  const messageErrors = (message: unknown): readonly string[] => airbyteErrors('AirbyteMessage', message)
  const program = { command, args, messageErrors, kit: true, timeoutMs: 30_000 }
  describe(`destination-${name}`, () => {
    let subject: ConformanceSubject
    let cases: ReadonlyMap<string, () => Promise<void>>
    beforeAll(async () => {
      subject = await make()
      const target: ConformanceTarget = { ...program, ...subject }
      cases = new Map(conformanceCases(target).map((one) => [one.name, one.run]))
    })
    afterAll(() => subject.close())
    test.each(namesFor(badConfigs))('%s', (one) => cases.get(one)?.())
  })
}

/** The names do not depend on what the target holds. */
function namesFor(badConfigs: readonly string[]): string[] {
  const target = {
    badConfigs: Object.fromEntries(badConfigs.map((name) => [name, {}])),
    kit: true,
  } as unknown as ConformanceTarget
  return conformanceCases(target).map(({ name }) => name)
}
