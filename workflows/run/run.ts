import { createRun } from './create-run.ts'

/** Materialises what its plan says, each step in a workflow of its own, in the order of dependencies. */
export const run = createRun({
  // Well below Temporal's 51,200 events and 50 MB, at which it ends a workflow.
  mostEvents: 20_000,
  mostBytes: 20_000_000,
  // A plan's pages alone may make Temporal suggest it: without progress there is no use in beginning anew.
  leastSteps: 50,
})
