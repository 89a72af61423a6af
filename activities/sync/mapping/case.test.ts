import { expect, test } from 'vitest'
import { tempDir } from '../../../test/harness/temp.ts'
import type { SyncSpec } from '../../../orchestrator/contract/index.ts'
import {
  airbyte,
  audience,
  command,
  entity,
  hashed,
  project,
  source,
  sync,
  trait,
  type SyncCase,
} from '../../../orchestrator/define/index.ts'
import { compileProject } from '../../../orchestrator/project/index.ts'
import { runCase } from './case.ts'

const people = source('people', { table: 'raw.people', columns: { id: 'text', ok: 'boolean', email: 'text' } })
const person = entity('person', { key: 'id', population: people })
const ok = trait.boolean('ok', { of: person, from: people.column('ok') })
const crm = airbyte('crm', {
  connector: command(['destination']),
  config: {},
  streams: { people: { fields: { id: 'text', more: 'json?', email: 'text?' }, key: 'id', modes: ['upsert'] } },
})

async function results(cases: Readonly<Record<string, SyncCase>>) {
  const toCrm = sync('to_crm', {
    from: audience('best', { of: person, where: ok.isTrue() }),
    to: crm.stream('people'),
    mode: 'upsert',
    map: { id: person.key, more: { ok }, email: hashed(people.column('email'), { as: 'email', for: 'meta' }) },
    cases,
  })
  const definitions = project('p', { assets: [toCrm] })
  const dbt = () => Promise.reject(new Error())
  const compiled = await compileProject({ dir: await tempDir(), definitions, dbt })
  expect(JSON.stringify(compiled.manifest)).not.toContain('cases')
  const spec = compiled.manifest.assets.find((asset): asset is SyncSpec => asset.kind === 'sync')!
  return compiled.cases.map(({ test: one }) => runCase(compiled.manifest, spec, one))
}

test('cases pass, or say leaf by leaf what differs', async () => {
  const digest = '973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b'
  const made = await results({
    whole: {
      row: { id: 'p1', ok: true, 'people.email': 'Test@example.com' },
      sends: { id: 'p1', more: { ok: true }, email: digest },
    },
    'what is left out is null': { row: { id: 'p1' }, sends: { id: 'p1', more: { ok: null }, email: null } },
    rejected: { row: { id: 'p1', 'people.email': 'x' }, rejected: 'IDENTIFIER_INVALID' },
    wrong: { row: { id: 'p1', ok: true }, sends: { id: 'p2', more: { ok: false }, extra: 1 } },
    unexpected: { row: { id: 'p1', 'people.email': 'x' }, sends: { id: 'p1' } },
    misspelt: { row: { id: 'p1', okay: true }, sends: {} },
  })
  expect(made.map(({ passed }) => passed)).toEqual([true, true, true, false, false, false])
  expect(made[3]?.difference).toEqual([
    '- sends.id: "p2"',
    '+ sends.id: "p1"',
    '- sends.more.ok: false',
    '+ sends.more.ok: true',
    '- sends.extra: 1',
    '+ sends.email: null',
  ])
  expect(made[4]?.difference).toEqual([
    '- sends: {"id":"p1"}',
    '+ rejected: "IDENTIFIER_INVALID"',
    '  the value of the field email is no email that meta could match',
  ])
  expect(made[5]?.difference).toEqual(['the row has okay, which the mapping does not read: id, ok, people.email'])
})
