import { createRun } from '../../workflows/run/create-run.ts'

export * from '../../workflows/index.ts'

/** As `run`, but begins a new history after a few steps. */
export const run = createRun({ mostEvents: 60, mostBytes: 20_000_000, leastSteps: 1 })
