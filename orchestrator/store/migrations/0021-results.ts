import type { Migration } from './migration.ts'

/** Answers that somebody waits for, for minutes: unlogged, since nobody misses them after a crash. */
export const results: Migration = {
  number: 21,
  name: 'results',
  sql: `
create unlogged table traitline.result (
  id text primary key,
  answer jsonb not null,
  sealed text,
  created_at timestamptz not null default now()
);
create index on traitline.result (created_at);
`,
}
