import type { ModelSpec, StepInput } from '../../orchestrator/contract/index.ts'
import type { DbtDeps } from './deps.ts'

export interface Progress {
  node(uniqueId: string, status: string): void
  close(): Promise<void>
}

/** An event for each model that dbt begins or ends, as it happens: what the run page shows before the record does. */
export function tellProgress(
  { store }: Pick<DbtDeps, 'store'>,
  input: StepInput,
  build: readonly ModelSpec[],
): Progress {
  const { environment, project, run } = input
  const keys = new Map(build.map((spec) => [spec.uniqueId, spec.key]))
  const told = new Set<string>()
  let telling = Promise.resolve()
  return {
    node(uniqueId, status) {
      const asset = keys.get(uniqueId)
      const id = `${uniqueId} ${status}`
      if (asset === undefined || status === 'none' || told.has(id)) return
      told.add(id)
      telling = telling
        .then(() =>
          store.events.append({
            scope: { environment, project },
            run,
            asset,
            type: 'log',
            data: { step: input.step.id, message: status === 'started' ? 'dbt began' : `dbt: ${status}` },
          }),
        )
        // Progress is a courtesy: that it cannot be told must not end the work.
        .catch(() => undefined)
    },
    close: () => telling,
  }
}
