import { expect, test } from 'vitest'
import type { FieldMapping, StreamSpec } from '../../../orchestrator/contract/index.ts'
import { syncTables } from '../../../orchestrator/sql/sync-names.ts'
import type { SyncSetup } from '../setup.ts'
import { compileMapping, requireKeyOnly } from './render.ts'
import type { SpooledRow } from './value.ts'

function setupOf(
  mapping: readonly FieldMapping[],
  fields: StreamSpec['fields'],
  options: { readonly keyType?: 'text' | 'integer'; readonly key?: readonly string[] } = {},
): SyncSetup {
  const { keyType = 'text', key = ['id'] } = options
  return {
    spec: {
      kind: 'sync',
      key: 'sync/test',
      description: null,
      group: null,
      owners: [],
      tags: {},
      definedAt: null,
      deps: [],
      relation: null,
      columns: [],
      codeVersion: 'c',
      entity: 'customer',
      from: 'audience/loyal',
      destination: 'crm',
      stream: 'customers',
      mode: 'mirror',
      mapping,
    },
    projectSchema: 'traitline_shop',
    entity: { name: 'customer', key: { column: 'id', type: keyType }, population: null },
    destination: {
      name: 'crm',
      connector: { type: 'builtin', name: 'postgres' },
      config: {},
      streams: [],
      definedAt: null,
    },
    stream: { name: 'customers', fields, key, open: true, modes: ['mirror'] },
    tables: syncTables('traitline_test', 'test'),
    desired: { from: { schema: 's', name: 't' }, key: 'id', columns: [] },
    mappingVersion: 'v',
  }
}

const row = (columns: Record<string, SpooledRow[string]>, key = '7'): SpooledRow => ({
  _ordinal: 1,
  _batch: 1,
  _operation: 'upsert',
  _key: key,
  ...columns,
})
const trait = (field: string, name: string): FieldMapping => ({
  field,
  value: { type: 'trait', trait: `trait/${name}` },
})

test.each([
  ['text', 7, '7'],
  ['text', true, 'true'],
  ['integer', 7, 7],
  ['integer', '7', 7],
  ['integer', '12345678901234567890', '12345678901234567890'],
  ['integer', 7.5, undefined],
  ['integer', 'seven', undefined],
  ['number', 7.5, 7.5],
  ['number', '7.5', 7.5],
  ['number', '0.1000000000000000055511151231257827', '0.1000000000000000055511151231257827'],
  ['number', '', undefined],
  ['boolean', true, true],
  ['boolean', 'false', false],
  ['boolean', 1, undefined],
  ['date', '1998-07-01T00:00:00Z', '1998-07-01'],
  ['timestamp', '1998-07-01T00:00:00Z', '1998-07-01T00:00:00Z'],
] as const)('a field of type %s takes %j as %j', (type, value, expected) => {
  const setup = setupOf([trait('x', 'score')], [{ name: 'x', type, required: true }])
  const rendered = compileMapping(setup).row(row({ score: value }))
  if (expected !== undefined) return expect(rendered).toEqual({ data: { x: expected } })
  expect(rendered).toMatchObject({ rejected: { code: 'FIELD_TYPE' } })
  // A reason names the field and its type, never the value.
  expect(JSON.stringify(rendered)).not.toContain('seven')
})

test('null is a value of an optional field, and the want of one of a required field', () => {
  const render = (required: boolean) =>
    compileMapping(setupOf([trait('x', 'score')], [{ name: 'x', type: 'number', required }])).row(row({ score: null }))
  expect(render(false)).toEqual({ data: { x: null } })
  expect(render(true)).toMatchObject({ rejected: { code: 'FIELD_REQUIRED' } })
})

test('a template sees its variables, nulls as nothing, and no file', () => {
  const render = (template: string) =>
    compileMapping(
      setupOf(
        [
          {
            field: 'text',
            value: {
              type: 'template',
              template,
              variables: { who: { type: 'key' }, spent: { type: 'trait', trait: 'trait/spent' } },
            },
          },
        ],
        [{ name: 'text', type: 'text', required: true }],
      ),
    ).row(row({ spent: 12.345, other: 'x' }))
  expect(render('{{ who }} spent ${{ spent | round: 2 }}{{ other }}')).toEqual({ data: { text: '7 spent $12.35' } })
  expect(render("{% include '/etc/hostname' %}")).toMatchObject({ rejected: { code: 'TEMPLATE_FAILED' } })
  expect(render('{% for i in (1..100000000) %}x{% endfor %}')).toMatchObject({ rejected: { code: 'TEMPLATE_FAILED' } })
})

test('a key of integers is a number, and a delete has the key’s fields alone', () => {
  const setup = setupOf(
    [
      { field: 'id', value: { type: 'key' } },
      trait('x', 'score'),
      { field: 'c', value: { type: 'constant', value: 1 } },
    ],
    [{ name: 'id', type: 'integer', required: true }],
    { keyType: 'integer' },
  )
  const mapping = compileMapping(setup)
  expect(mapping.row(row({ score: 2 }))).toEqual({ data: { id: 7, x: 2, c: 1 } })
  expect(mapping.key(row({}))).toEqual({ data: { id: 7 } })
})

test('a mode that deletes wants a key that is told by the entity’s key alone', () => {
  const untold = expect.objectContaining({ code: 'SYNC_KEY_UNTOLD', blame: 'user' }) as Error
  expect(() => requireKeyOnly(setupOf([{ field: 'id', value: { type: 'key' } }], []))).not.toThrow()
  expect(() => requireKeyOnly(setupOf([trait('id', 'score')], []))).toThrow(untold)
  expect(() => requireKeyOnly(setupOf([], []))).toThrow(untold)
  expect(() => requireKeyOnly(setupOf([{ field: 'id', value: { type: 'key' } }], [], { key: [] }))).toThrow(untold)
})
