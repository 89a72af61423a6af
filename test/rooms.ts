/**
 * The rooms of the house and who may import whom. A folder belongs to the longest room that is a prefix of it; tests
 * may import anything. docs/architecture.md shows this table.
 */
export interface Room {
  readonly holds: string
  /** Other rooms; a room may always import itself. */
  readonly may: readonly string[]
}

export const rooms: Readonly<Record<string, Room>> = {
  'orchestrator/contract': {
    holds:
      'Plain data, types and factories that everything else hangs on; interfaces of activities. No dependency at all.',
    may: [],
  },
  'orchestrator/process': {
    holds: 'Child processes that have an owner, private files, free ports.',
    may: ['orchestrator/contract'],
  },
  'orchestrator/schema': { holds: 'zod schemas of the contract, for edges.', may: ['orchestrator/contract'] },
  'orchestrator/define': {
    holds: 'The public API in which a project is written.',
    may: ['orchestrator/contract', 'orchestrator/graph'],
  },
  'orchestrator/graph': { holds: 'Order, cycles, lineage, selection. Pure.', may: ['orchestrator/contract'] },
  'orchestrator/plan': {
    holds: 'Staleness, plans and their explanation. Pure.',
    may: ['orchestrator/contract', 'orchestrator/graph'],
  },
  'orchestrator/sql': {
    holds: 'Predicates, tables, statistics, fingerprints and sync differences as parameterised SQL. Pure.',
    may: ['orchestrator/contract'],
  },
  'orchestrator/mapping': {
    holds: 'What may fill which field of a destination, and which models a sync reads. Pure.',
    may: ['orchestrator/contract'],
  },
  'orchestrator/openlineage': {
    holds: 'Events of the log in the terms of OpenLineage. Pure.',
    may: ['orchestrator/contract'],
  },
  'orchestrator/generator': {
    holds: 'Seeded, simulated purchases and browsing events.',
    may: ['orchestrator/contract', 'orchestrator/process'],
  },
  'orchestrator/project': {
    holds: 'Loads a project, resolves and validates it to a manifest.',
    may: [
      'orchestrator/contract',
      'orchestrator/process',
      'orchestrator/schema',
      'orchestrator/define',
      'orchestrator/graph',
      'orchestrator/sql',
    ],
  },
  'orchestrator/store': {
    holds: 'Records in Postgres: revisions, runs, events, lineage, the sync journal.',
    may: ['orchestrator/contract'],
  },
  'orchestrator/launch': {
    holds: 'Temporal client: starts, watches and cancels runs.',
    may: ['orchestrator/contract', 'orchestrator/store'],
  },
  'orchestrator/server': {
    holds: 'The HTTP API: one file a resource.',
    may: [
      'orchestrator/contract',
      'orchestrator/schema',
      'orchestrator/graph',
      'orchestrator/mapping',
      'orchestrator/plan',
      'orchestrator/sql',
      'orchestrator/store',
      'orchestrator/launch',
    ],
  },
  'orchestrator/main': {
    holds: 'Composition roots: command line, worker, server, embedded stack. The only readers of the environment.',
    may: ['orchestrator', 'workflows', 'activities', 'connectors'],
  },
  workflows: { holds: 'Deterministic code alone.', may: ['orchestrator/contract'] },
  activities: {
    holds: 'Effects, by factory: warehouses, dbt, notebooks, syncs, the record.',
    may: [
      'orchestrator/contract',
      'orchestrator/process',
      'orchestrator/schema',
      'orchestrator/graph',
      'orchestrator/plan',
      'orchestrator/sql',
      'orchestrator/openlineage',
      'orchestrator/store',
      'connectors/protocol',
      'connectors/driver',
      'connectors/identifiers',
      'connectors/standard-webhooks',
    ],
  },
  'connectors/protocol': { holds: 'Airbyte messages: types, reader, writer.', may: [] },
  'connectors/driver': {
    holds: 'Runs any destination as a child process.',
    may: ['orchestrator/contract', 'orchestrator/process', 'connectors/protocol'],
  },
  'connectors/identifiers': {
    holds: 'E-mail addresses, phone numbers and names as advertising platforms want them: normalised, hashed. Pure.',
    may: [],
  },
  'connectors/standard-webhooks': { holds: 'Signatures of outgoing webhooks. Pure.', may: [] },
  'connectors/kit': { holds: 'What a destination is written with.', may: ['connectors/protocol'] },
  'connectors/destination-slack': {
    holds: 'Messages to Slack channels.',
    may: ['connectors/kit', 'connectors/protocol'],
  },
  'connectors/destination-files': {
    holds: 'Files in a folder or a bucket.',
    may: ['connectors/kit', 'connectors/protocol'],
  },
  'connectors/destination-meta-ads': {
    holds: 'Members of custom audiences at Meta.',
    may: ['connectors/identifiers', 'connectors/kit', 'connectors/protocol'],
  },
  'connectors/destination-snowplow': {
    holds: 'Self-describing events to a Snowplow collector.',
    may: ['connectors/kit', 'connectors/protocol'],
  },
  'connectors/destination-webhook': {
    holds: 'Rows as HTTP requests, to any address.',
    may: ['connectors/kit', 'connectors/protocol', 'connectors/standard-webhooks'],
  },
  'connectors/destination-profiles': {
    holds: 'Traitline’s own store of profiles.',
    may: ['connectors/kit', 'connectors/protocol'],
  },
  'connectors/destination-postgres': {
    holds: 'Tables of a PostgreSQL database.',
    may: ['connectors/kit', 'connectors/protocol'],
  },
  'connectors/segment-spec': {
    holds: 'The calls of Segment’s specification: identify, track and group, for all who take them.',
    may: ['connectors/kit', 'connectors/protocol'],
  },
  'connectors/destination-braze': {
    holds: 'Profiles, events, purchases and subscriptions to Braze.',
    may: ['connectors/kit', 'connectors/protocol'],
  },
  'connectors/destination-mixpanel': {
    holds: 'Events and profiles to Mixpanel.',
    may: ['connectors/kit', 'connectors/protocol'],
  },
  'connectors/destination-salesforce': {
    holds: 'Records of any object to Salesforce.',
    may: ['connectors/kit', 'connectors/protocol'],
  },
  'connectors/destination-segment': {
    holds: 'Users, events and groups to Segment.',
    may: ['connectors/kit', 'connectors/protocol', 'connectors/segment-spec'],
  },
  'connectors/destination-rudderstack': {
    holds: 'Users, events and groups to RudderStack.',
    may: ['connectors/kit', 'connectors/protocol', 'connectors/segment-spec'],
  },
  ui: { holds: 'The page.', may: ['orchestrator/contract', 'orchestrator/server'] },
  examples: { holds: 'Whole projects, written as a user would.', may: [] },
}
