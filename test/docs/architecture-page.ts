import type { Room } from '../rooms.ts'
import { page, table } from './page.ts'

const introduction = `
# Architecture

Traitline is one package of rooms. A room is a folder; what it may import from other rooms is written down in
\`test/rooms.ts\`, held by a test that walks every import, and shown below.

**Plain data is at the bottom.** \`orchestrator/contract\` holds asset keys, specs, manifests, plans, events, errors and
the interfaces of activities, and depends on nothing, not even on a library of schemas: workflow modules are evaluated
anew for each workflow, so what they pull in is paid for each time. A test bundles the workflows and fails if anything
but Temporal's own code and the contract is in the bundle.

**Decisions are pure, effects are at the edge.** \`graph\`, \`plan\` and \`sql\` answer values: an order, a plan with its
reasons, a parameterised statement. \`activities\` act on them. Workflows only order the work, and a change in how
staleness is judged never breaks a run under way: the decision is in its history.

**Only \`orchestrator/main\` knows the machine.** It reads the environment, starts processes and hands each room what it
needs; no other room reads a variable or makes its own connection to the record.

What happens from a definition to a row in a destination:

1. \`define\`: a project's \`traitline.ts\` builds specs. The compiler has checked the references.
2. \`project\`: \`deploy\` resolves them with dbt's manifest and the notebooks, hashes each into a code version, checks the
   whole, and \`store\` keeps it as a revision.
3. \`launch\` starts a run, a workflow. It asks an activity for the plan: \`plan\` judges each selected asset against the
   record and says why it is stale.
4. \`workflows\`: each asset is a child workflow whose id is made of environment, project and key, so that one asset is
   never materialised twice at once. dbt models that can go together go in one.
5. \`activities\` do the work in the warehouse, in dbt, in a notebook's kernel or through \`connectors/driver\`, and record
   its outcome under run and step, once, however often the activity was tried.
6. \`store\` appends events; status, lineage and statistics are read from the record by \`server\`, which tells the page of
   news as they come.

Rows never pass through Temporal, and neither do secrets: payloads carry keys and counts. Any step may run twice and any
process may be killed at any instant; checkpoints that matter are in the record, heartbeats carry hints.
`

const surprising = (folders: readonly string[]): string =>
  `Rooms with a mechanism that is not obvious explain it: ${folders
    .map((folder) => `[${folder}](../${folder}/ARCHITECTURE.md)`)
    .join(', ')}.`

/** docs/architecture.md: the introduction above, and the table of rooms. */
export function architecturePage(rooms: Readonly<Record<string, Room>>, explained: readonly string[]): Promise<string> {
  return page('architecture.md', [
    introduction.trim(),
    surprising(explained),
    '## Rooms',
    'Tests may import anything. A name stands for the rooms below it too.',
    table(
      ['room', 'holds', 'may import'],
      Object.entries(rooms).map(([name, { holds, may }]) => [
        `\`${name}\``,
        holds,
        may.length === 0 ? 'nothing' : may.map((each) => `\`${each}\``).join(', '),
      ]),
    ),
  ])
}
