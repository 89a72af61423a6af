import type { Migration } from './migration.ts'

/**
 * Column lineage by revision, each body once: revisions whose inputs are equal share it. What deploying found out
 * about the models' code is kept for whoever computes the lineage after it.
 */
export const lineage: Migration = {
  number: 4,
  name: 'lineage',
  sql: `
create table traitline.model_code (
  hash text primary key,
  body json not null
);

create table traitline.lineage (
  hash text primary key,
  body json not null,
  computed_at timestamptz not null default now()
);

create table traitline.revision_lineage (
  scope_id integer not null,
  revision integer not null,
  code text references traitline.model_code,
  lineage text references traitline.lineage,
  claimed_until timestamptz,
  failure jsonb,
  primary key (scope_id, revision),
  foreign key (scope_id, revision) references traitline.revision
);
`,
}
